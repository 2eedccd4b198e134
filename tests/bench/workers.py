"""What a second worker adds, and what a worker costs that has nothing to do."""

from __future__ import annotations

import asyncio
import os
import statistics
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime
from uuid import uuid4

from sqlmodel import col, func, select

from evals.report import Row
from memory import runs
from memory.cluster import notify
from memory.db import Database, Memory, Telling, TenantSession
from memory.models import Run, RunStatus, Thread, Trigger
from tests.bench.databases import Databases
from tests.bench.processes import started

IDLE_S = 15
SETTLED_S = 3
ROUNDS = 3
CONCURRENCY = 4
LOOK_S = 0.05


async def second(databases: Databases) -> list[Row]:
    """How many times the runs of one worker two do. A node that waits, as for a model, leaves the processor
    to others; one that computes shares the machine's cores with the database."""
    with databases.empty("PostgreSQL") as place:
        async with AsyncExitStack() as stack:
            for queue in ("one", "two", "two"):
                worker = started("work", place, concurrency=CONCURRENCY, queue=queue)
                await stack.enter_async_context(worker)
            database = stack.enter_context(closing(Database(place.url)))
            database.telling = Telling(lambda connection, told: notify(connection, "bench", told))
            memory = Memory(database)
            return [
                await _ratio(memory, "wait", 0.4, 40, "at least 1.7"),
                await _ratio(memory, "burn", 0.05, 40, f"{os.cpu_count()} cores, the database's too"),
            ]


async def _ratio(memory: Memory, node: str, seconds: float, many: int, demand: str) -> Row:
    ratios = []
    for _ in range(ROUNDS):
        alone = await _emptied(memory, "one", node, seconds, many)
        ratios.append(alone / await _emptied(memory, "two", node, seconds, many))
    doing = "waits" if node == "wait" else "computes"
    title = f"two workers / one, a node that {doing} {seconds * 1000:.0f} ms"
    return Row(title, statistics.median(ratios), f"{demand}; one: {many / alone:.1f} runs/s")


async def _emptied(memory: Memory, queue: str, node: str, seconds: float, many: int) -> float:
    """Seconds from the commit of so many queued runs until the last has ended."""
    new = [str(uuid4()) for _ in range(many)]
    began = datetime.now(UTC)
    await memory.write(_queue, new, queue, node, seconds)
    while (ended := await memory.read(_ended, new)) is None:  # noqa: ASYNC110 - other processes end them
        await asyncio.sleep(LOOK_S)
    return (ended - began).total_seconds()


def _queue(session: TenantSession, ids: list[str], queue: str, node: str, seconds: float) -> None:
    now = datetime.now(UTC)
    for id in ids:
        session.add(Thread(id=id, graph=node, created_at=now, updated_at=now))
        run = Run(id=id, thread_id=id, graph=node, trigger=Trigger.API, queue=queue, created_at=now)
        run.input = {"seconds": seconds}
        runs.add(session, run)


def _ended(session: TenantSession, ids: list[str]) -> datetime | None:
    """When the last of the runs ended; None while one is under way."""
    mine = (col(Run.id).in_(ids), Run.status == RunStatus.DONE)
    count, last = session.exec(select(func.count(), func.max(Run.finished_at)).where(*mine)).one()
    return last if count == len(ids) else None


async def idle(databases: Databases) -> list[Row]:
    """Processor time of a worker without work, of one core; both databases' at once."""
    async with AsyncExitStack() as stack:
        used: dict[str, Callable[[], float]] = {}
        for backend in ("SQLite", "PostgreSQL"):
            place = stack.enter_context(databases.empty(backend))
            worker = await stack.enter_async_context(started("work", place))
            used[backend] = worker.child.cpu_s
        await asyncio.sleep(SETTLED_S)
        before = {backend: look() for backend, look in used.items()}
        await asyncio.sleep(IDLE_S)
        percent = {backend: (look() - before[backend]) / IDLE_S * 100 for backend, look in used.items()}
    return [Row(f"an idle worker, {backend}, % of a core", it, "under 2") for backend, it in percent.items()]
