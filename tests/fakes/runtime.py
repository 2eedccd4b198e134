"""Artel's runtime without a server: services on a database, and what a test asks of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from graphs.registry import Build
from graphs.runtime.errors import ArtelError
from graphs.runtime.runs import Request
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory import runs
from memory.models import Run, Trigger
from memory.notices import tell

from .clock import Hands

ACTOR = "person:test"


@dataclass(frozen=True)
class Runtime:
    """services: the real ones; a run is known by the `name` that it was started with."""

    services: Services

    async def start(self, name: str, graph: str = "work", **changes: Any) -> Run:
        made = {"trigger": Trigger.API, "actor": ACTOR, **changes}
        return (await self.services.runs.start(Request(graph, {"name": name}, **made)))[0]

    async def ended(self, run: Run) -> Run:
        return await self.services.runs.wait(run.id)

    async def now(self, run: Run) -> Run:
        return await self.services.runs.get(run.id)

    async def steps(self, run: Run) -> list[str]:
        """The nodes that the run's thread has gone through and not taken back."""
        config: Any = {"configurable": {"thread_id": run.thread_id}}
        state = await self.services.engine.graphs[run.graph].aget_state(config)
        return list(state.values.get("steps", ()))

    async def wake(self) -> None:
        """Make workers look, as they do of themselves every few seconds: a clock was set."""
        await self.services.memory.write(tell, runs.QUEUE)


@asynccontextmanager
async def running(
    url: str, folder: Path, graphs: Mapping[str, Build], *, clock: Hands | None = None, **settings: Any
) -> AsyncIterator[Runtime]:
    given = Settings(**{"database_url": url, "data_dir": folder, "lease_s": 5, "grace_s": 0, **settings})
    async with open_services(given, graphs=graphs, clock=clock or (lambda: datetime.now(UTC))) as services:
        yield Runtime(services)


async def refused(work: Any) -> str:
    """What the refusal says."""
    try:
        await work
    except ArtelError as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError("it was not refused")
