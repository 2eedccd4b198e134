"""Where a process kills itself in the middle of its work, and the wait until nothing is left to do.

A point is `before:<node>`, `after:<node>` (its work done, its checkpoint not yet written), `mail` (the letter
is out, its effect is not yet marked done) or `crm` (likewise).
"""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import graphs.partnership
import graphs.scout
from graphs.runtime.services import Services
from memory import runs
from memory.pipeline import LocalPipeline
from tools.mail import Outbox


def arm(point: str) -> None:
    when, _, node = point.partition(":")
    for module in (graphs.scout, graphs.partnership):
        if node and hasattr(module, node):
            setattr(module, node, deadly(getattr(module, node), before=when == "before"))
    if point == "mail":
        Outbox.send = deadly(Outbox.send)  # type: ignore[method-assign, assignment]
    if point == "crm":
        LocalPipeline.put = deadly(LocalPipeline.put)  # type: ignore[method-assign, assignment]


def deadly(work: Callable[..., Awaitable[Any]], *, before: bool = False) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(work)
    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        if before:
            die()
        result = await work(*args, **kwargs)
        die()
        return result

    return wrapped


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def rest(services: Services) -> None:
    """Until no run is queued or running."""
    while unfinished := await services.memory.read(runs.active):
        for run in unfinished:
            await services.runs.wait(run.id)
