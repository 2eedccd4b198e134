"""Errors, time limits and dead workers: which run is tried again, and which is given up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from structlog.testing import capture_logs

from graphs.runtime.options import Options
from memory import runs
from memory.models import Run, RunStatus, ThreadStatus
from memory.threads import get as thread_of
from tests.fakes.graphs import PATIENCE_S, Gate, Step, Trail, chain
from tests.fakes.runtime import ACTOR, Runtime, refused, running

BUSY = RunStatus.QUEUED, RunStatus.RUNNING


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The errors are meant: nobody wants to read them, and to print them takes longer than the test."""
    with capture_logs():
        yield


class Passing(Exception):
    """It says itself that another moment may mend it."""

    passing = True


class Lasting(ConnectionError):
    """It says itself that nothing mends it, though its kind usually passes."""

    passing = False


ERRORS = {
    "connection": ConnectionResetError("gone"),
    "http": httpx.ReadTimeout("slow"),
    "database": psycopg.OperationalError("away"),
    "passing": Passing("later"),
    "value": ValueError("never"),
    "lasting": Lasting("for good"),
    "time": TimeoutError("slow"),
}
PASSING = ("connection", "http", "database", "passing")


class Flaky:
    """A step that raises the error that its run's name says, so many times: `value 2`."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()

    async def __call__(self, state: Trail) -> None:
        kind, times = state["name"].split()
        self.times[state["name"]] += 1
        if self.times[state["name"]] <= int(times):
            raise ERRORS[kind]


async def quick(state: Trail) -> None:
    pass


async def test_errors_that_pass_are_tried_again_and_others_are_not(
    empty_database: str, tmp_path: Path
) -> None:
    flaky = Flaky()
    graphs = {"work": chain(quick, flaky)}
    async with running(empty_database, tmp_path, graphs, max_retries=2) as runtime:
        mended = [await runtime.start(f"{kind} 1") for kind in PASSING]
        others = [await runtime.start(f"{kind} 1") for kind in ERRORS if kind not in PASSING]
        given_up = await runtime.start("connection 9")
        ended = [await runtime.ended(run) for run in mended]
        assert {(run.status, run.retries, run.attempts) for run in ended} == {(RunStatus.DONE, 1, 2)}
        assert [await runtime.steps(run) for run in mended] == [["n1", "n2"]] * len(mended)
        ended = [await runtime.ended(run) for run in others]
        assert {(run.status, run.retries, run.attempts) for run in ended} == {(RunStatus.FAILED, 0, 1)}
        last = await runtime.ended(given_up)
        assert (last.status, last.retries, flaky.times["connection 9"]) == (RunStatus.FAILED, 2, 3)
        assert last.error == "ConnectionResetError: gone"


async def test_who_waits_to_be_tried_again_keeps_its_thread_and_no_slot(
    empty_database: str, tmp_path: Path
) -> None:
    flaky = Flaky()
    enqueue = Options(multitask="enqueue")
    async with running(empty_database, tmp_path, {"work": chain(flaky)}, concurrency=1) as runtime:
        first = await runtime.start("http 1", thread_id="t")
        await until(runtime, first, RunStatus.QUEUED)
        behind = await runtime.start("value 0", thread_id="t", options=enqueue)
        elsewhere = await runtime.ended(await runtime.start("time 0"))
        assert (await runtime.now(first)).status == (await runtime.now(behind)).status == RunStatus.QUEUED
        later, earlier = await runtime.ended(behind), await runtime.ended(first)
        assert earlier.finished_at is not None and elsewhere.finished_at is not None
        assert elsewhere.finished_at < earlier.finished_at < (later.finished_at or earlier.finished_at)


async def test_a_node_and_a_run_have_their_time(empty_database: str, tmp_path: Path) -> None:
    """A limit is used up again by another try, so there is none."""
    stuck, begun = Gate(), Gate()
    begun.opened.set()

    async def short(state: Trail) -> None:
        await asyncio.sleep(0.3)

    many: list[Step] = [begun, short] * 5
    graphs = {"long node": chain(begun, stuck), "long run": chain(*many), "work": chain(begun)}
    settings: Any = {"node_timeout_s": 1, "run_timeout_s": 1.2}
    async with running(empty_database, tmp_path, graphs, **settings) as runtime:
        limited = Options(time_limit_s=0.2)
        ended = [
            await runtime.ended(run)
            for run in [
                await runtime.start("node", "long node"),
                await runtime.start("run", "long run"),
                await runtime.start("of its own", "long run", options=limited),
                await runtime.start("fine"),
            ]
        ]
    late = "TimeoutError: took longer than a node or a run may"
    assert [(run.status, run.error, run.retries) for run in ended] == [
        (RunStatus.FAILED, late, 0),
        (RunStatus.FAILED, late, 0),
        (RunStatus.FAILED, late, 0),
        (RunStatus.DONE, None, 0),
    ]
    assert stuck.came == ["node"] and stuck.inside == 0
    assert begun.came.count("run") > 1 == begun.came.count("of its own")


async def test_a_run_that_kills_its_workers_is_dead_until_a_person_says_so(
    empty_database: str, tmp_path: Path
) -> None:
    async with running(
        empty_database, tmp_path, {"work": chain(quick)}, concurrency=0, max_attempts=2
    ) as desk:
        run = await desk.start("deadly")
        await die(desk, run, 1)
        assert (await until(desk, run, RunStatus.QUEUED)).deaths == 1
        assert "only a dead or failed one" in await refused_requeue(desk, run)
        await die(desk, run, 2)
        dead = await until(desk, run, RunStatus.DEAD)
        assert (dead.deaths, dead.error, dead.owner) == (2, "gave up: 2 workers died on it", None)
        assert await thread_status(desk, run) == ThreadStatus.ERROR
        again = await desk.services.runs.requeue(run.id, ACTOR)
        assert (again.status, again.deaths, again.retries, again.error) == (RunStatus.QUEUED, 0, 0, None)
        assert await thread_status(desk, run) == ThreadStatus.BUSY
        async with running(empty_database, tmp_path, {"work": chain(quick)}):
            assert (await desk.ended(run)).status == RunStatus.DONE
        assert "only a dead or failed one" in await refused_requeue(desk, run)
        assert await thread_status(desk, run) == ThreadStatus.IDLE


async def test_a_failed_run_goes_on_where_it_stood(empty_database: str, tmp_path: Path) -> None:
    flaky, before = Flaky(), Gate()
    before.opened.set()
    async with running(empty_database, tmp_path, {"work": chain(before, flaky)}) as runtime:
        run = await runtime.start("value 1")
        assert (await runtime.ended(run)).status == RunStatus.FAILED
        await runtime.services.runs.requeue(run.id, ACTOR)
        assert (await until(runtime, run, RunStatus.DONE)).attempts == 2
        assert before.came == ["value 1"]
        assert await runtime.steps(run) == ["n1", "n2"]


async def die(desk: Runtime, run: Run, number: int) -> None:
    """A worker claims the run and is gone."""
    member = f"gone-{number}"
    claimed = await desk.services.memory.write(
        runs.claim, member, ["default"], 1, runs.Caps(), desk.services.clock()
    )
    assert [one.id for one in claimed] == [run.id]


async def until(runtime: Runtime, run: Run, status: RunStatus) -> Run:
    async with asyncio.timeout(PATIENCE_S):
        while (found := await runtime.now(run)).status != status:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return found


async def refused_requeue(desk: Runtime, run: Run) -> str:
    return await refused(desk.services.runs.requeue(run.id, ACTOR))


async def thread_status(desk: Runtime, run: Run) -> str:
    thread = await desk.services.memory.read(thread_of, run.thread_id)
    assert thread is not None
    return thread.status
