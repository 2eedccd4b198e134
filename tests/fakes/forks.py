"""Processes forked from one that has loaded what takes long (see warm.py): each costs next to nothing."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing.context import ForkServerProcess
from typing import Any

PATIENCE_S = 60

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["__main__", "tests.fakes.warm"])


@asynccontextmanager
async def forked(work: Callable[..., None], *arguments: Any) -> AsyncIterator[ForkServerProcess]:
    process = _forks.Process(target=work, args=arguments)
    # The first one starts when all is loaded: what else this process does must not wait for that.
    await asyncio.to_thread(process.start)
    try:
        yield process
    finally:
        process.kill()
        process.join()


@asynccontextmanager
async def ready(work: Callable[..., None], *arguments: Any) -> AsyncIterator[ForkServerProcess]:
    """A process that has said that it is ready, by the event that is its last argument."""
    event = _forks.Event()
    async with forked(work, *arguments, event) as process:
        assert await asyncio.to_thread(event.wait, PATIENCE_S), "the process did not get ready"
        yield process
