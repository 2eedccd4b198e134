"""Cancelled, displaced and taken back: what becomes of a run, of its thread and of what it did there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.graph import START, StateGraph
from structlog.testing import capture_logs

from agents.context import Context
from graphs.registry import Build
from graphs.runtime.endings import Endings
from graphs.runtime.execution import Ending, Execution
from graphs.runtime.frames import Frames
from graphs.runtime.options import Options
from memory import runs
from memory.db import LeaseLost
from memory.models import Cancel, Run, RunStatus
from tests.fakes.graphs import PATIENCE_S, Gate, Trail, chain
from tests.fakes.runtime import ACTOR, Runtime, refused, running


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The errors are meant: nobody wants to read them, and to print them takes longer than the test."""
    with capture_logs():
        yield


@pytest.fixture
async def gate() -> Gate:
    return Gate()


@pytest.fixture
def unreaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks for dead workers, so that a claim of nobody stays."""
    monkeypatch.setattr("graphs.runtime.worker.REAP_S", 3600)


async def before(state: Trail) -> None:
    pass


async def failing_at_first(state: Trail) -> None:
    if state["name"] == "flaky":
        raise ConnectionResetError("gone")


@pytest.mark.parametrize("how", list(Cancel))
async def test_a_running_run_is_cancelled_from_another_process(
    empty_database: str, tmp_path: Path, gate: Gate, how: Cancel
) -> None:
    graphs = {"work": chain(before, gate)}
    async with (
        running(empty_database, tmp_path, graphs, concurrency=0) as desk,
        running(empty_database, tmp_path, graphs) as worker,
    ):
        run = await desk.start("one")
        await gate.entered(1)
        cancelled = await desk.services.runs.cancel(run.id, ACTOR, how)
        assert (cancelled.status, cancelled.deaths, gate.inside) == (RunStatus.CANCELLED, 0, 0)
        assert await worker.steps(run) == (["n1"] if how is Cancel.INTERRUPT else [])
        assert "ended already" in await refused(desk.services.runs.cancel(run.id, ACTOR))
        gate.opened.set()
        again = await desk.ended(await desk.start("two", thread_id=run.thread_id))
        assert again.status == RunStatus.DONE
        assert await worker.steps(run) == [*(["n1"] if how is Cancel.INTERRUPT else []), "n1", "n2"]


@pytest.mark.parametrize("how", list(Cancel))
async def test_a_queued_run_never_begins(
    empty_database: str, tmp_path: Path, gate: Gate, how: Cancel
) -> None:
    async with running(empty_database, tmp_path, {"work": chain(gate)}, concurrency=1) as runtime:
        held, queued = await runtime.start("held"), await runtime.start("queued")
        delayed = await runtime.start("delayed", not_before=runtime.services.clock())
        await gate.entered(1)
        for run in (queued, delayed):
            assert (await runtime.services.runs.cancel(run.id, ACTOR, how)).status == RunStatus.CANCELLED
        gate.opened.set()
        await runtime.ended(held)
        await runtime.ended(await runtime.start("last"))
        assert gate.came == ["held", "last"]


async def test_a_run_that_waits_to_be_tried_again_is_taken_back(empty_database: str, tmp_path: Path) -> None:
    graphs = {"work": chain(before, failing_at_first)}
    async with running(empty_database, tmp_path, graphs) as runtime:
        run = await flaky(runtime, "t")
        await runtime.services.runs.cancel(run.id, ACTOR, Cancel.ROLLBACK)
        assert await runtime.steps(run) == []
        run = await flaky(runtime, "t")
        other = await runtime.start("two", thread_id="t", options=Options(multitask="rollback"))
        assert (await runtime.ended(other)).status == RunStatus.DONE
        assert (await runtime.now(run)).status == RunStatus.CANCELLED
        assert await runtime.steps(other) == ["n1", "n2"]


async def flaky(runtime: Runtime, thread_id: str) -> Run:
    """A run whose second node failed; it waits to be tried again."""
    run = await runtime.start("flaky", thread_id=thread_id)
    async with asyncio.timeout(20):
        while not (await runtime.now(run)).retries:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert await runtime.steps(run) == ["n1"]
    return run


@pytest.mark.parametrize(
    "ending",
    [
        Ending(RunStatus.FAILED, error="gone", passing=True),
        Ending(RunStatus.FAILED, error="gone"),
        Ending(RunStatus.WAITING),
        Ending(RunStatus.DONE),
    ],
)
async def test_a_cancel_that_comes_with_the_end_is_not_lost(
    empty_database: str, tmp_path: Path, unreaped: None, ending: Ending
) -> None:
    """Asked for after the last node, before the run has ended, asks or is given back to be tried again."""
    async with running(empty_database, tmp_path, {"work": chain(before)}, concurrency=0) as desk:
        run, memory = await desk.start("one"), desk.services.memory
        (held,) = await memory.write(
            runs.claim, "somebody", ["default"], 1, runs.Caps(), desk.services.clock()
        )
        assert await memory.write(runs.ask_to_cancel, run.id, Cancel.INTERRUPT)
        await Endings(desk.services.engine).store(held, ending)
        assert (await desk.now(run)).status == RunStatus.CANCELLED


@pytest.mark.parametrize(
    ("how", "becomes", "steps"),
    [
        ("reject", RunStatus.DONE, ["n1", "n2"]),
        ("enqueue", RunStatus.DONE, ["n1", "n2", "n1", "n2"]),
        ("interrupt", RunStatus.CANCELLED, ["n1", "n1", "n2"]),
        ("rollback", RunStatus.CANCELLED, ["n1", "n2"]),
    ],
)
async def test_a_second_run_on_a_busy_thread(
    empty_database: str, tmp_path: Path, gate: Gate, how: Any, becomes: RunStatus, steps: list[str]
) -> None:
    async with running(empty_database, tmp_path, {"work": chain(before, gate)}) as runtime:
        first = await runtime.start("first", thread_id="t")
        await gate.entered(1)
        if how == "reject":
            assert "has an active run" in await refused(runtime.start("second", thread_id="t"))
        else:
            second = await runtime.start("second", thread_id="t", options=Options(multitask=how))
            if how == "enqueue":
                assert (await runtime.now(second)).status == RunStatus.QUEUED
            else:
                await gate.entered(2)
        gate.opened.set()
        assert (await runtime.ended(first)).status == becomes
        if how != "reject":
            assert (await runtime.ended(second)).status == RunStatus.DONE
        assert gate.most == 1
        assert await runtime.steps(first) == steps


@pytest.mark.parametrize("how", ["interrupt", "rollback"])
async def test_a_queued_run_is_displaced_too(
    empty_database: str, tmp_path: Path, gate: Gate, how: Any
) -> None:
    async with running(empty_database, tmp_path, {"work": chain(gate)}) as runtime:
        first = await runtime.start("first", thread_id="t")
        await gate.entered(1)
        second = await runtime.start("second", thread_id="t", options=Options(multitask="enqueue"))
        third = await runtime.start("third", thread_id="t", options=Options(multitask=how))
        gate.opened.set()
        assert (await runtime.ended(third)).status == RunStatus.DONE
        statuses = [(await runtime.now(run)).status for run in (first, second)]
        assert statuses == [RunStatus.CANCELLED] * 2
        assert gate.came == ["first", "third"]


def beside(*steps: Any) -> Build:
    """A graph whose steps all begin at once."""

    def build() -> StateGraph[Trail, Context, Any, Any]:
        graph = StateGraph(Trail, context_schema=Context)
        for number, step in enumerate(steps, 1):
            graph.add_node(f"n{number}", step)
            graph.add_edge(START, f"n{number}")
        return graph

    return build


@pytest.mark.parametrize("stream", [("updates",), ("updates", "events")])
async def test_no_node_goes_on_after_its_run_has_left(
    empty_database: str, tmp_path: Path, gate: Gate, stream: Any
) -> None:
    """The lease is found lost while a frame is stored, when the graph itself has not been asked to stop."""
    slow, options = Gate(), Options(stream=stream)
    async with running(empty_database, tmp_path, {"work": beside(gate, slow)}, concurrency=0) as desk:
        await desk.start("one", options=options)
        memory, now = desk.services.memory, desk.services.clock()
        (held,) = await memory.write(runs.claim, "somebody", ["default"], 1, runs.Caps(), now)
        driving = asyncio.create_task(Execution(desk.services.engine, held).ending())
        await gate.entered(1)
        await slow.entered(1)
        await memory.write(runs.take_over, "somebody", now, max_deaths=5)
        gate.opened.set()
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(LeaseLost):
                await driving
        assert slow.inside == 0


async def test_a_run_that_is_stopped_at_its_very_end_leaves_its_frames(
    empty_database: str, tmp_path: Path
) -> None:
    async with running(empty_database, tmp_path, {"work": chain(before)}, concurrency=0) as desk:
        run, memory = await desk.start("one"), desk.services.memory
        (held,) = await memory.write(runs.claim, "a", ["default"], 1, runs.Caps(), desk.services.clock())
        frames = Frames(memory, held)
        frames.put("first", {})
        await asyncio.sleep(0)
        frames.put("last", {}, lingers=True)
        resting = asyncio.create_task(frames.rest())
        await asyncio.sleep(0)
        resting.cancel()
        frames.leave()
        async with asyncio.timeout(PATIENCE_S):
            while await memory.read(runs.last_frame, run.id) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
