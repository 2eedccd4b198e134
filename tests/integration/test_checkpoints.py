"""Threads on both databases: written under a lease only, pruned, taken back, copied; and the store beside."""

from __future__ import annotations

import asyncio
import operator
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from sqlalchemy import NullPool, create_engine, inspect
from sqlalchemy.engine import make_url

from memory.checkpoints import Checkpoints, LeaseLost, Saver, open_saver, setup
from memory.store import open_store

ROOT = Path(__file__).parents[2]


class State(TypedDict, total=False):
    said: Annotated[list[str], operator.add]
    note: dict[str, str]


def begin(state: State) -> State:
    return {"said": ["begin"], "note": {"text": "заметка"}}


def ask(state: State) -> State:
    return {"said": [interrupt("what?")]}


def beside(state: State) -> State:
    return {"said": ["beside"]}


def end(state: State) -> State:
    return {"said": ["end"]}


def graph(saver: Any, *, nested: bool = False) -> Any:
    """begin -> ask (and beside it, at once, `beside`) -> end; nested: `ask` is a graph of its own."""
    whole = StateGraph(State)
    asking: Any = ask
    if nested:
        inner = StateGraph(State).add_node("first", lambda state: {"note": {"text": "inner"}})
        asking = inner.add_node("ask", ask).add_edge(START, "first").add_edge("first", "ask").compile()
    whole.add_node(begin).add_node("ask", asking).add_node(beside).add_node(end)
    whole.add_edge(START, "begin").add_edge("begin", "ask").add_edge("begin", "beside")
    return whole.add_edge(["ask", "beside"], "end").compile(checkpointer=saver)


def config(thread: str = "t") -> Any:
    return {"configurable": {"thread_id": thread}}


async def go(compiled: Any, input: Any, thread: str = "t") -> Any:
    return await compiled.ainvoke(input, config(thread), durability="sync")


async def answer(compiled: Any, text: str, thread: str = "t") -> Any:
    """As a decision resumes a thread: by the id of what it asks."""
    (question,) = (await compiled.aget_state(config(thread))).interrupts
    assert question.value == "what?"
    return await go(compiled, Command(resume={question.id: text}), thread)


async def history(saver: Saver, thread: str = "t") -> list[str]:
    found = [one async for one in saver.alist(config(thread))]
    return [one.config["configurable"]["checkpoint_id"] for one in found]


@pytest.fixture
async def saver(bare_url: str) -> AsyncIterator[Saver]:
    async with open_saver(bare_url) as saver:
        yield saver


@pytest.fixture(params=[False, True], ids=["flat", "nested"])
def nested(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def test_a_worker_without_a_lease_writes_nothing(bare_url: str) -> None:
    held = [True]
    async with open_saver(bare_url, holds=lambda: held[0], pool_size=2) as saver:
        compiled = graph(saver)
        await go(compiled, {})
        before = await Checkpoints(saver).size(), await history(saver)
        held[0] = False
        with pytest.raises(LeaseLost, match="lost its lease"):
            await answer(compiled, "yes")
        where: Any = {"configurable": {"thread_id": "t", "checkpoint_ns": "", "checkpoint_id": before[1][0]}}
        with pytest.raises(LeaseLost):
            await saver.aput_writes(where, [("said", ["x"])], "task")
        assert (await Checkpoints(saver).size(), await history(saver)) == before
        held[0] = True
        assert (await answer(compiled, "yes"))["said"] == ["begin", "yes", "beside", "end"]


async def test_a_pruned_thread_still_waits_and_goes_on(saver: Saver, nested: bool) -> None:
    compiled, threads = graph(saver, nested=nested), Checkpoints(saver)
    for thread in ("t", "other"):
        await go(compiled, {}, thread)
    before, other = await threads.size(["t"]), await threads.size(["other"])
    await threads.prune(["t", "unknown"])
    assert len(await history(saver)) == (2 if nested else 1)
    assert 0 < await threads.size(["t"]) < before
    assert await threads.size(["other"]) == other
    assert "end" in (await answer(compiled, "yes"))["said"]
    await threads.prune(["t"])
    assert len(await history(saver)) == 1
    assert (await compiled.aget_state(config())).values["note"]["text"] in ("заметка", "inner")
    assert "again" in (await go(compiled, {"said": ["again"]}))["said"]


async def test_a_finished_thread_keeps_what_its_state_needs_and_no_more(saver: Saver) -> None:
    compiled, threads = graph(saver), Checkpoints(saver)
    await go(compiled, {})
    await answer(compiled, "yes")
    state = (await compiled.aget_state(config())).values
    await threads.prune(["t"])
    (kept,) = [one async for one in saver.alist(config())]
    assert (kept.parent_config, kept.pending_writes) == (None, [])
    assert (await compiled.aget_state(config())).values == state


async def test_a_resume_taken_back_leaves_the_question_open(saver: Saver, nested: bool) -> None:
    compiled, threads = graph(saver, nested=nested), Checkpoints(saver)
    await go(compiled, {})
    after, size, asked = (
        await threads.latest_id("t"),
        await threads.size(),
        await compiled.aget_state(config()),
    )
    await answer(compiled, "no")
    assert await threads.latest_id("t") != after
    await threads.rollback("t", after)
    again = await compiled.aget_state(config())
    assert (await threads.latest_id("t"), await threads.size()) == (after, size)
    assert (again.values, again.interrupts) == (asked.values, asked.interrupts)
    said = (await answer(compiled, "yes"))["said"]
    assert "yes" in said and "no" not in said and said.count("beside") == 1


async def test_a_resume_that_died_in_its_node_is_taken_back(saver: Saver) -> None:
    compiled, threads = graph(saver), Checkpoints(saver)
    await go(compiled, {})
    after, size = await threads.latest_id("t"), await threads.size()
    (question,) = (await compiled.aget_state(config())).interrupts
    (waiting,) = [one async for one in saver.alist(config(), limit=1)]
    task = next(task for task, channel, _ in waiting.pending_writes or () if channel == "__interrupt__")
    await saver.aput_writes(waiting.config, [("__resume__", ["no"])], task)
    await saver.aput_writes(waiting.config, [("said", ["no"])], task)
    await saver.aput_writes(waiting.config, [("__resume__", "no")], "00000000-0000-0000-0000-000000000000")
    await threads.rollback("t", after)
    assert await threads.size() == size
    assert (await compiled.aget_state(config())).interrupts == (question,)
    assert (await answer(compiled, "yes"))["said"] == ["begin", "yes", "beside", "end"]


async def test_a_new_run_on_an_old_thread_is_taken_back(saver: Saver) -> None:
    compiled, threads = graph(saver), Checkpoints(saver)
    await go(compiled, {})
    await answer(compiled, "yes")
    after, state = await threads.latest_id("t"), (await compiled.aget_state(config())).values
    size = await threads.size()
    await go(compiled, {"said": ["more"]})
    await threads.rollback("t", after)
    assert (await compiled.aget_state(config())).values == state
    assert await threads.size() == size
    await threads.rollback("t", None)
    assert (await threads.latest_id("t"), await threads.size()) == (None, 0)


async def test_a_deleted_thread_is_gone_and_others_stay(saver: Saver) -> None:
    compiled, threads = graph(saver), Checkpoints(saver)
    await go(compiled, {}, "t")
    size = await threads.size()
    await go(compiled, {}, "u")
    await threads.delete("u")
    assert (await threads.size(), await threads.size(["u"])) == (size, 0)
    assert await threads.size([]) == 0


async def test_a_copy_goes_its_own_way(saver: Saver, nested: bool) -> None:
    compiled, threads = graph(saver, nested=nested), Checkpoints(saver)
    await go(compiled, {})
    await threads.copy("t", "copy")
    assert await history(saver, "copy") == await history(saver)
    assert await threads.size(["t"]) == await threads.size(["copy"])
    assert "no" in (await answer(compiled, "no", "copy"))["said"]
    assert "yes" in (await answer(compiled, "yes"))["said"]
    await threads.delete("t")
    assert "no" in (await compiled.aget_state(config("copy"))).values["said"]


async def test_threads_are_kept_while_others_are_written(saver: Saver) -> None:
    compiled, threads = graph(saver), Checkpoints(saver)

    async def life(thread: str) -> list[str]:
        await go(compiled, {}, thread)
        after = await threads.latest_id(thread)
        await answer(compiled, "no", thread)
        await threads.rollback(thread, after)
        await asyncio.gather(threads.prune([thread]), threads.prune([thread]), threads.size())
        await threads.copy(thread, f"{thread}-copy")
        await threads.delete(thread)
        said: list[str] = (await answer(compiled, "yes", f"{thread}-copy"))["said"]
        return said

    said = await asyncio.gather(*(life(f"t{number}") for number in range(8)))
    assert said == [["begin", "yes", "beside", "end"]] * 8


async def test_a_cancelled_write_leaves_no_transaction_open(tmp_path: Path) -> None:
    async with open_saver(f"sqlite:///{tmp_path / 'artel.db'}") as saver:
        connection: Any = saver.conn  # type: ignore[attr-defined]
        for turns in range(200):
            where: Any = {
                "configurable": {"thread_id": "t", "checkpoint_ns": "", "checkpoint_id": str(turns)}
            }
            task = asyncio.ensure_future(saver.aput_writes(where, [("said", "x")], "task"))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            assert not connection.in_transaction


async def test_a_store_keeps_items(bare_url: str) -> None:
    async with open_store(bare_url) as store:
        await store.aput(("people", "anna"), "style", {"tone": "formal"})
    async with open_store(bare_url, pool_size=1) as store:
        item = await store.aget(("people", "anna"), "style")
        assert item is not None and item.value == {"tone": "formal"}
        assert await store.alist_namespaces(prefix=("people",)) == [("people", "anna")]


async def test_stores_that_read_and_write_at_once_wait_for_each_other(bare_url: str) -> None:
    async with open_store(bare_url) as one, open_store(bare_url) as two:

        async def use(store: Any, number: int) -> None:
            await asyncio.gather(store.aget(("n",), "0"), store.aput(("n",), str(number), {"of": number}))

        await asyncio.gather(*(use(store, number) for number in range(60) for store in (one, two)))
        assert len(await one.asearch(("n",), limit=100)) == 60


USE = """
import asyncio, sys
from memory.checkpoints import open_saver
from memory.store import open_store
async def main():
    async with open_saver(sys.argv[1]), open_store(sys.argv[1]) as store:
        await store.aput(("n",), "key", {})
print(flush=True); input(); asyncio.run(main())
"""


def test_processes_that_start_together_make_the_tables_once(bare_url: str) -> None:
    started = [_start(USE, bare_url) for _ in range(4)]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, said


async def test_tables_are_made_once_and_have_their_indexes(bare_url: str) -> None:
    await setup(bare_url)
    first = _tables(bare_url)
    await setup(bare_url)
    assert _tables(bare_url) == first
    assert {"checkpoints", "store"} <= first.keys()
    if bare_url.startswith("postgresql"):
        assert "checkpoint_blobs_thread_id_idx" in first["checkpoint_blobs"]


def _tables(url: str) -> dict[str, list[str | None]]:
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        address = address.set(drivername="postgresql+psycopg")
    looking = inspect(create_engine(address, poolclass=NullPool))
    return {
        name: [index["name"] for index in looking.get_indexes(name)] for name in looking.get_table_names()
    }


def _start(code: str, *arguments: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )
