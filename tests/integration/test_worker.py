"""What a worker takes from the queue and in which order, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from memory import runs
from memory.db import Memory, TenantSession
from memory.models import Priority, Run, RunStatus, Tenant, Thread, ThreadStatus, Trigger
from memory.runs import Caps
from tests.fakes.clock import NOON, Hands
from tests.fakes.graphs import PATIENCE_S, Gate, Trail, chain
from tests.fakes.runtime import Runtime, running


@pytest.fixture
async def gate() -> Gate:
    return Gate()


async def brief(state: Trail) -> None:
    pass


async def running_now(runtime: Runtime) -> Sequence[Run]:
    return await runtime.services.runs.page(status=[RunStatus.RUNNING])


async def test_a_persons_run_goes_before_a_scheduled_one(
    empty_database: str, tmp_path: Path, gate: Gate
) -> None:
    async with running(empty_database, tmp_path, {"work": chain(gate)}, concurrency=1) as runtime:
        started = [await runtime.start("first", trigger=Trigger.SCHEDULE)]
        await gate.entered(1)
        for name, trigger in [
            ("scheduled", Trigger.SCHEDULE),
            ("scheduled later", Trigger.SCHEDULE),
            ("scouted", Trigger.RUN),
            ("a person's", Trigger.API),
            ("a person's later", Trigger.PERSON),
        ]:
            started.append(await runtime.start(name, trigger=trigger))
        started.append(await runtime.start("urgent", trigger=Trigger.SCHEDULE, priority=-1))
        gate.opened.set()
        assert {(await runtime.ended(run)).status for run in started} == {RunStatus.DONE}
    waited = ["urgent", "a person's", "a person's later", "scouted", "scheduled", "scheduled later"]
    assert gate.came == ["first", *waited]


async def test_so_many_at_once_and_no_more(empty_database: str, tmp_path: Path, gate: Gate) -> None:
    """Also of a burst, of which each may start at once while there is room."""
    async with running(empty_database, tmp_path, {"work": chain(gate)}, concurrency=2) as runtime:
        started = await asyncio.gather(*(runtime.start(str(number)) for number in range(30)))
        await gate.entered(2)
        assert len(await running_now(runtime)) == 2
        gate.opened.set()
        ended = [await runtime.ended(run) for run in started]
        assert {(run.status, run.attempts) for run in ended} == {(RunStatus.DONE, 1)}
    assert (len(gate.came), gate.most) == (30, 2)


async def test_caps_of_a_tenant_and_a_provider_hold_across_workers(
    empty_database: str, tmp_path: Path
) -> None:
    """`partnership` leans on the provider `offline`, `work` on none."""
    every, of_provider = Gate(stay_s=0.01), Gate()
    both = of_provider.around(every)
    graphs = {"work": chain(every), "partnership": chain(both)}
    settings: Any = {"tenant_cap": 3, "provider_caps": "offline=1", "concurrency": 8}
    async with (
        running(empty_database, tmp_path, graphs, **settings) as one,
        running(empty_database, tmp_path, graphs, **settings) as other,
    ):
        names = [(str(number), ("work", "partnership")[number % 2]) for number in range(24)]
        started = await asyncio.gather(*(one.start(name, graph) for name, graph in names))
        await every.entered(3)
        assert sorted(run.graph for run in await running_now(one)) == ["partnership", "work", "work"]
        every.opened.set()
        assert {(await other.ended(run)).status for run in started} == {RunStatus.DONE}
    assert (len(every.came), len(of_provider.came)) == (24, 12)
    assert (every.most, of_provider.most) == (3, 1)


async def test_a_tenant_at_its_cap_holds_up_no_other(empty_database: str, tmp_path: Path, gate: Gate) -> None:
    graphs = {"work": chain(gate), "partnership": chain(brief)}
    async with running(empty_database, tmp_path, graphs, tenant_cap=1) as runtime:
        held, waits = await runtime.start("held"), await runtime.start("waits")
        await gate.entered(1)
        theirs = Memory(runtime.services.memory.database, "other")
        await theirs.write(add_theirs)
        async with asyncio.timeout(PATIENCE_S):
            while not await theirs.read(done, "theirs"):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert (await runtime.now(held)).status == RunStatus.RUNNING
        assert (await runtime.now(waits)).status == RunStatus.QUEUED
        gate.opened.set()
        assert (await runtime.ended(waits)).status == RunStatus.DONE
    assert gate.came == ["held", "waits"]


async def test_a_delayed_run_waits_for_its_time_and_holds_up_nobody(
    empty_database: str, tmp_path: Path, gate: Gate
) -> None:
    gate.opened.set()
    hands = Hands()
    async with running(empty_database, tmp_path, {"work": chain(gate)}, clock=hands) as runtime:
        later = await runtime.start("later", not_before=hands.now + timedelta(hours=1))
        soon = await runtime.start("soon", not_before=hands.now + timedelta(minutes=1))
        await runtime.ended(await runtime.start("at once"))
        hands.now += timedelta(minutes=2)
        await runtime.wake()
        await runtime.ended(soon)
        assert (await runtime.now(later)).status == RunStatus.QUEUED
        hands.now = NOON + timedelta(days=1)
        await runtime.wake()
        assert (await runtime.ended(later)).status == RunStatus.DONE
    assert gate.came == ["at once", "soon", "later"]


async def test_a_delayed_run_begins_when_nobody_says_anything(
    empty_database: str, tmp_path: Path, gate: Gate
) -> None:
    gate.opened.set()
    async with running(empty_database, tmp_path, {"work": chain(gate)}) as runtime:
        due = runtime.services.clock() + timedelta(seconds=0.5)
        ended = await runtime.ended(await runtime.start("delayed", not_before=due))
        assert ended.status == RunStatus.DONE
        assert ended.started_at is not None and ended.started_at >= due


async def test_a_worker_serves_its_queues_only(empty_database: str, tmp_path: Path, gate: Gate) -> None:
    gate.opened.set()
    graphs = {"work": chain(gate)}
    async with running(empty_database, tmp_path, graphs) as usual:
        slow = [await usual.start(f"slow {number}", queue="slow") for number in range(2)]
        never = await usual.start("never", queue="nobody's")
        await usual.ended(await usual.start("usual"))
        assert gate.came == ["usual"]
        async with running(empty_database, tmp_path, graphs, queue="other, slow") as other:
            owners = {(await usual.ended(run)).owner for run in slow}
            assert owners == {other.services.worker.member}
            assert (await usual.now(never)).status == RunStatus.QUEUED


async def test_a_run_is_claimed_once_however_many_workers_there_are(
    empty_database: str, tmp_path: Path, gate: Gate
) -> None:
    gate.opened.set()
    graphs = {"work": chain(gate)}
    async with running(empty_database, tmp_path, graphs, concurrency=0) as desk:
        started = [await desk.start(str(number)) for number in range(40)]
        async with (
            running(empty_database, tmp_path, graphs, concurrency=4),
            running(empty_database, tmp_path, graphs, concurrency=4),
        ):
            ended = [await desk.ended(run) for run in started]
    assert {(run.status, run.attempts, run.deaths) for run in ended} == {(RunStatus.DONE, 1, 0)}
    assert sorted(gate.came) == sorted(str(number) for number in range(40))


async def test_a_claim_that_is_not_driven_yet_is_not_lost(
    tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stored a moment before its worker knows of it: taken up then, the run would be executed twice."""
    monkeypatch.setattr("graphs.runtime.worker.REAP_S", 3600)
    url, graphs = f"sqlite:///{tmp_path / 'artel.db'}", {"work": chain(gate)}
    async with running(url, tmp_path, graphs, concurrency=0) as runtime:
        run, worker = await runtime.start("claimed"), runtime.services.worker
        assert worker.member is not None
        now = runtime.services.clock()
        await runtime.services.memory.write(runs.claim, worker.member, ["default"], 1, Caps(), now)
        for status, deaths in ((RunStatus.RUNNING, 0), (RunStatus.QUEUED, 1)):
            await worker._reap()
            seen = await runtime.now(run)
            assert (seen.status, seen.deaths) == (status, deaths)


def done(session: TenantSession, run_id: str) -> bool:
    run = runs.get(session, run_id)
    return run is not None and run.status == RunStatus.DONE


def add_theirs(session: TenantSession) -> None:
    now = NOON
    session.add(Tenant(id="other", name="Other"))
    session.flush()
    session.add(
        Thread(id="theirs", graph="partnership", status=ThreadStatus.BUSY, created_at=now, updated_at=now)
    )
    runs.add(
        session,
        Run(
            id="theirs",
            thread_id="theirs",
            graph="partnership",
            trigger="api",
            input={"name": "theirs"},
            priority=Priority.SCHEDULE,
            created_at=now,
        ),
    )
