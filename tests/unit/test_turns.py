"""Calls that block, done for an event loop by threads."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, suppress
from threading import Event, current_thread

import pytest

from memory.turns import Turns


@pytest.fixture
def turns() -> Iterator[Turns]:
    with closing(Turns(1, "test")) as one:
        yield one


async def test_a_call_answers_from_a_thread(turns: Turns) -> None:
    assert await turns.ask(lambda: current_thread().name) == "test-0"


async def test_an_error_reaches_who_asked_and_the_thread_goes_on(turns: Turns) -> None:
    def fail() -> None:
        raise ValueError("no")

    for call in (turns.ask, turns.insist):
        with pytest.raises(ValueError, match="no"):
            await call(fail)
    assert await turns.ask(lambda: 1) == 1


async def test_as_many_calls_go_on_at_once_as_there_are_threads() -> None:
    met = Event()
    with closing(Turns(2, "test")) as two:
        waiting = asyncio.create_task(two.ask(met.wait))
        await two.ask(met.set)
        assert await waiting


async def test_calls_begin_in_the_order_in_which_they_are_asked_for(turns: Turns) -> None:
    begun: list[int] = []
    await asyncio.gather(*(turns.ask(lambda n=n: begun.append(n)) for n in range(50)))  # type: ignore[misc]
    assert begun == list(range(50))


async def test_who_asks_is_let_go_at_once_and_what_did_not_begin_is_not_done(turns: Turns) -> None:
    go, done = Event(), list[str]()
    held = asyncio.create_task(turns.insist(go.wait))
    asking = asyncio.create_task(turns.ask(lambda: done.append("asked")))
    await _cancelled(asking)
    go.set()
    await held
    await turns.ask(lambda: done.append("later"))
    assert done == ["later"]


async def test_who_insists_waits_for_the_end_however_often_it_is_cancelled(turns: Turns) -> None:
    go, done = Event(), list[str]()
    held = asyncio.create_task(turns.ask(go.wait))
    insisting = asyncio.create_task(turns.insist(lambda: done.append("insisted")))
    for _ in range(3):
        await asyncio.sleep(0)
        insisting.cancel()
    await asyncio.sleep(0)
    assert not insisting.done()
    go.set()
    await held
    with pytest.raises(asyncio.CancelledError):
        await insisting
    assert done == ["insisted"]


async def test_closing_waits_for_what_was_asked_for() -> None:
    go, done = Event(), list[str]()
    one = Turns(1, "test")
    first = asyncio.create_task(one.ask(go.wait))
    second = asyncio.create_task(one.ask(lambda: done.append("asked")))
    await asyncio.sleep(0)
    go.set()
    one.close()
    assert done == ["asked"]
    await asyncio.gather(first, second)


def test_an_answer_for_a_closed_loop_does_not_end_the_thread(turns: Turns) -> None:
    go = Event()

    async def leave() -> None:
        await _cancelled(asyncio.create_task(turns.ask(go.wait)))

    asyncio.run(leave())
    go.set()
    assert asyncio.run(turns.ask(lambda: 1)) == 1


async def _cancelled(task: asyncio.Task[object]) -> None:
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
