"""Calls by name, made when the bench says so. Python's own library and nothing else: it also runs where a
peer is installed and Artel is not."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Calls = Mapping[str, Callable[[], Awaitable[object]]]


async def serve(calls: Calls, said: object = None) -> None:
    """Answers each line [name, times, at_once] with what so many of those calls took: see _made."""
    lines = asyncio.StreamReader()
    reading = asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    await reading
    print(json.dumps(said), flush=True)
    async for line in lines:
        name, times, at_once = json.loads(line)
        print(json.dumps(await _made(calls[name], times, at_once)), flush=True)


async def _made(call: Callable[[], Awaitable[object]], times: int, at_once: int) -> dict[str, Any]:
    """ms: of each call; rate: calls a second; cpu_ms: processor time of the process, a call."""
    ms: list[float] = []

    async def client() -> None:
        for _ in range(times // at_once):
            began = time.perf_counter()
            await call()
            ms.append((time.perf_counter() - began) * 1000)

    began, spent = time.perf_counter(), time.process_time()
    await asyncio.gather(*(client() for _ in range(at_once)))
    passed, spent = time.perf_counter() - began, time.process_time() - spent
    return {"ms": ms, "rate": len(ms) / passed, "cpu_ms": spent * 1000 / len(ms)}
