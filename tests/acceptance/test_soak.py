"""Workers come, are stopped and are killed at random while a long queue drains: nothing is lost or doubled.

ARTEL_TEST_SOAK_S says for how many seconds they come and go: with it the queue has 10,000 runs, without it
as many as drain within half a minute on two shared cores.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from memory import runs
from memory.checkpoints import setup
from memory.db import Database, Memory, TenantSession
from memory.models import Run, RunStatus, Thread, ThreadStatus
from tests.fakes.postgres import ROOT, fresh_database

SOAK_S = float(os.environ.get("ARTEL_TEST_SOAK_S", "0"))
CHANGING_S = SOAK_S or 8
RUNS = {"postgresql": 10_000 if SOAK_S else 600, "sqlite": 3_000 if SOAK_S else 400}
# The queue may take its time; one that stands still this long never drains.
STILL_S = 60
SEED = 20261121
MOST, LEAST = 4, 2


@dataclass
class Crew:
    """Worker processes that a seeded hand starts, stops and kills."""

    foreman: asyncio.subprocess.Process
    rng: random.Random
    working: list[int] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    planned: list[str] = field(default_factory=list)

    async def start(self) -> None:
        assert self.foreman.stdin is not None and self.foreman.stdout is not None
        self.foreman.stdin.write(b"start\n")
        self.working.append(int(await self.foreman.stdout.readline()))
        self.sent["start"] += 1

    def end(self, number: signal.Signals) -> None:
        """A kill hits the oldest, for it surely has runs."""
        oldest = number == signal.SIGKILL
        with suppress(ProcessLookupError):
            os.kill(self.working.pop(0 if oldest else self.rng.randrange(len(self.working))), number)
        self.sent[number.name] += 1

    async def change(self) -> None:
        """One comes, or one goes, in one way or the other: each of them soon, in an order of chance."""
        self.planned = self.planned or self.rng.sample(["start", "SIGKILL", "SIGTERM"], 3)
        what = self.planned[0]
        if what == "start" and len(self.working) == MOST:
            self.end(signal.SIGKILL)
        elif what == "start" or len(self.working) <= LEAST:
            await self.start()
        else:
            self.end(signal.Signals[what])
        if what == "start" or self.sent[what]:
            self.planned.pop(0)


@asynccontextmanager
async def crew(url: str, folder: Path) -> AsyncIterator[Crew]:
    foreman = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.fakes.hauler", url, str(folder), str(folder / "trace")),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert foreman.stdout is not None and await foreman.stdout.readline()
    try:
        yield Crew(foreman, random.Random(SEED))
    finally:
        foreman.kill()  # and with it all its workers
        await foreman.wait()


@pytest.mark.timeout(3600 if SOAK_S else 300)
@pytest.mark.parametrize("backend", ["postgresql", "sqlite"])
async def test_no_run_is_lost_or_done_twice(
    backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with fresh_database(backend, request, tmp_path) as url:
        await setup(url)
        database = Database(url)
        try:
            memory, names = Memory(database), [f"{number:05}" for number in range(RUNS[backend])]
            await memory.write(fill, names)
            async with crew(url, tmp_path) as workers:
                await drain(memory, workers)
                assert min(workers.sent[kind] for kind in ("start", "SIGKILL", "SIGTERM")) > 0, workers.sent
            await check(memory, names, (tmp_path / "trace").read_text().splitlines())
        finally:
            database.close()


async def drain(memory: Memory, workers: Crew) -> None:
    """Until nothing is left; for so many seconds workers come and go, then a few stay."""
    for _ in range(LEAST):
        await workers.start()
    whole = left = await memory.read(unfinished)
    while left == whole:
        await asyncio.sleep(0.1)
        left = await memory.read(unfinished)
    started = moved = asyncio.get_running_loop().time()
    while left:
        now = asyncio.get_running_loop().time()
        if now - started < CHANGING_S:
            await workers.change()
        elif len(workers.working) < LEAST:
            await workers.start()
        await asyncio.sleep(workers.rng.uniform(0.1, 0.8))
        before, left = left, await memory.read(unfinished)
        moved = now if left < before else moved
        assert now - moved < STILL_S, f"{left} runs are stuck; {workers.sent}"


async def check(memory: Memory, names: list[str], trace: list[str]) -> None:
    stored = await memory.read(stored_runs)
    assert sorted(run.id for run in stored) == names
    assert {run.status for run in stored} == {RunStatus.DONE}
    assert [ends for ends in await memory.read(endings) if ends != 1] == []
    executed = Counter(line.split()[0] for line in trace)
    assert executed.keys() == set(names), "done without being executed"
    assert len(set(trace)) == len(trace), "one claim was executed twice"
    # A run is executed again only by who claimed it again, and only when its worker died or stopped.
    assert all(executed[run.id] <= run.attempts for run in stored)
    assert {run.attempts for run in stored if not run.deaths} <= {1, 2, 3, 4}
    assert sum(run.deaths for run in stored) > 0, "no kill has hit a run: this test has seen nothing"


def fill(session: TenantSession, names: list[str]) -> None:
    """Queued runs, and a trigger that notes each end of one."""
    now = datetime.now(UTC)
    connection = session.connection()
    connection.execute(text("CREATE TABLE ended (run TEXT)"))
    note = "INSERT INTO ended VALUES (NEW.id)"
    when = "WHEN (NEW.status = 'done') "
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"CREATE TRIGGER note AFTER UPDATE ON run {when}BEGIN {note}; END"))
    else:
        body = f"$$ BEGIN {note}; RETURN NEW; END $$"
        connection.execute(text(f"CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS {body}"))
        each = f"FOR EACH ROW {when}EXECUTE FUNCTION note()"
        connection.execute(text(f"CREATE TRIGGER note AFTER UPDATE ON run {each}"))
    busy: Any = {"graph": "haul", "status": ThreadStatus.BUSY, "created_at": now, "updated_at": now}
    session.add_all(Thread(id=name, **busy) for name in names)
    session.add_all(
        Run(id=name, thread_id=name, graph="haul", trigger="api", created_at=now) for name in names
    )


def unfinished(session: TenantSession) -> int:
    query = text("SELECT count(*) FROM run WHERE status IN ('queued', 'running')")
    return int(session.connection().execute(query).scalar_one())


def stored_runs(session: TenantSession) -> list[Run]:
    return list(runs.page(session, limit=100_000))


def endings(session: TenantSession) -> list[int]:
    """How often each run ended."""
    return list(session.connection().execute(text("SELECT count(*) FROM ended GROUP BY run")).scalars())
