"""What runs leave behind when they end, ask, stop at a breakpoint, are cancelled or cannot be stored."""

from __future__ import annotations

import operator
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
import pytest_asyncio
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from sqlalchemy import text
from sqlmodel import select

from agents.context import Context
from graphs.runtime.housekeeper import EVERY_S
from graphs.runtime.leaving import PASSING_S
from graphs.runtime.options import Options
from graphs.runtime.reviews import Verdict
from graphs.runtime.runs import Request
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory import threads
from memory.db import TenantSession
from memory.models import Cancel, DecisionType, Delivery, Review, Run, RunStatus, Thread, Trigger
from memory.reviews import Filter
from tests.fakes.graphs import QUESTION


class Notes(TypedDict, total=False):
    notes: Annotated[list[Any], operator.add]


async def twice(state: Notes) -> dict[str, Any]:
    """Two questions of one node have one id in LangGraph."""
    first = interrupt(QUESTION)["decisions"][0]["type"]
    return {"notes": [first, interrupt(QUESTION)["decisions"][0]["type"]]}


async def ask(state: Notes) -> dict[str, Any]:
    return {"notes": [interrupt(QUESTION)["decisions"][0]["type"]]}


async def prompt(state: Notes) -> dict[str, Any]:
    return {"notes": [interrupt("no question for the queue")]}


async def note(state: Notes) -> dict[str, Any]:
    return {"notes": ["noted"]}


async def nul(state: Notes) -> dict[str, Any]:
    return {"notes": ["a \0 byte"]}


async def break_with_nul(state: Notes) -> dict[str, Any]:
    raise ValueError("a \0 byte")


def graph(*nodes: Any) -> Any:
    """One whose nodes all begin at once."""

    def build() -> StateGraph[Notes, Context, Any, Any]:
        graph = StateGraph(Notes, context_schema=Context)
        for node in nodes:
            graph.add_node(node)
            graph.add_edge(START, node.__name__)
        return graph

    return build


async def other(state: Notes) -> dict[str, Any]:
    return await ask(state)


GRAPHS = {
    "twice": graph(twice),
    "both": graph(ask, other),
    "prompting": graph(prompt),
    "noting": graph(note),
    "nul": graph(nul),
    "breaking": graph(break_with_nul),
}


class Clock:
    def __init__(self) -> None:
        self.passed = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.passed


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def services(empty_database: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Services]:
    settings = Settings(database_url=empty_database, data_dir=tmp_path)
    async with open_services(settings, clock=clock, graphs=GRAPHS) as services:
        yield services


async def ran(services: Services, graph: str, thread_id: str | None = None, **more: Any) -> Run:
    request = Request(graph, {"notes": []}, Trigger.API, "person:test", thread_id=thread_id, **more)
    run, _ = await services.runs.start(request)
    return await services.runs.wait(run.id)


async def pending(services: Services, thread_id: str) -> list[Review]:
    return [*await services.reviews.page(Filter(thread_id=thread_id), "oldest", 10)]


async def approve(services: Services, review: Review) -> Run:
    _, run = await services.reviews.decide(review.id, Verdict(DecisionType.APPROVE, "person:test"))
    return await services.runs.wait(run.id)


async def thread_of(services: Services, run: Run) -> Thread | None:
    return await services.memory.read(threads.get, run.thread_id)


async def test_a_node_asks_a_second_question(services: Services) -> None:
    asked = await ran(services, "twice")
    [first] = await pending(services, asked.thread_id)
    again = await approve(services, first)
    assert again.status == RunStatus.WAITING
    [second] = await pending(services, asked.thread_id)
    assert (second.id != first.id, second.run_id) == (True, again.id)
    done = await approve(services, second)
    assert (done.status, done.result["notes"]) == ("done", ["approve", "approve"])


async def test_two_questions_at_once_are_answered_one_by_one(services: Services) -> None:
    asked = await ran(services, "both")
    thread = await thread_of(services, asked)
    assert thread is not None
    assert sorted(len(many) for many in thread.interrupts.values()) == [1, 1]
    first, second = await pending(services, asked.thread_id)
    waiting = await approve(services, first)
    assert waiting.status == RunStatus.WAITING
    [left] = await pending(services, asked.thread_id)
    assert (left.id, left.run_id) == (second.id, waiting.id)
    done = await approve(services, left)
    assert (done.status, done.result["notes"]) == ("done", ["approve", "approve"])


async def test_an_answer_without_a_review_ends_the_run_that_asked(services: Services) -> None:
    asked = await ran(services, "prompting")
    thread = await thread_of(services, asked)
    assert thread is not None
    [(task_id, [question])] = thread.interrupts.items()
    state = await services.engine.graphs["prompting"].aget_state(
        {"configurable": {"thread_id": asked.thread_id}}
    )
    assert [task.id for task in state.tasks] == [task_id]
    done = await ran(services, "prompting", asked.thread_id, resume={question["id"]: "yes"})
    assert (done.status, done.result["notes"]) == ("done", ["yes"])
    assert (await services.runs.get(asked.id)).status == RunStatus.DONE


async def test_a_new_input_cancels_the_run_whose_question_it_leaves(services: Services) -> None:
    asked = await ran(services, "prompting")
    again = await ran(services, "prompting", asked.thread_id)
    assert (again.status, (await services.runs.get(asked.id)).status) == ("waiting", "cancelled")


async def test_a_breakpoint_holds_the_thread(services: Services) -> None:
    stopped = await ran(services, "noting", options=Options(interrupt_before=("note",)))
    thread = await thread_of(services, stopped)
    assert thread is not None
    assert (stopped.status, thread.status, thread.interrupts) == ("waiting", "interrupted", {})


@pytest.mark.parametrize(("name", "status"), [("nul", "done"), ("breaking", "failed")])
async def test_a_character_that_no_text_column_holds(services: Services, name: str, status: str) -> None:
    ended = await ran(services, name)
    assert ended.status == status
    assert ended.attempts == 1


async def test_a_thread_made_for_one_run_outlives_it_for_a_while(services: Services, clock: Clock) -> None:
    passing = Options(keep_thread=False)
    gone = await ran(services, "noting", options=passing)
    kept = await ran(services, "noting")
    asked = await ran(services, "twice", options=passing)
    await services.housekeeper.tidy()
    assert await thread_of(services, gone)
    clock.passed = timedelta(seconds=PASSING_S + EVERY_S)
    await services.housekeeper.tidy()
    assert [bool(await thread_of(services, run)) for run in (gone, kept, asked)] == [False, True, True]
    assert (await services.runs.get(gone.id)).status == RunStatus.DONE


async def test_what_the_store_keeps_for_a_while_is_swept_out(services: Services) -> None:
    for key in ("past", "to come"):
        await services.store.aput(("notes",), key, {}, ttl=60)
    past = text("UPDATE store SET expires_at = '2026-01-01 00:00:00+00:00' WHERE key = 'past'")
    await services.memory.write(lambda session: session.connection().execute(past))
    await services.housekeeper.tidy()
    left = text("SELECT key FROM store")
    found = await services.memory.read(lambda session: session.connection().execute(left).scalars().all())
    assert found == ["to come"]


async def test_what_is_cancelled_in_the_queue_is_told_too(services: Services, clock: Clock) -> None:
    later = clock() + timedelta(hours=1)
    hook = Options(webhook="http://127.0.0.1:1/hook")
    request = Request("noting", {}, Trigger.API, "person:test", not_before=later, options=hook)
    run, _ = await services.runs.start(request)
    await services.runs.cancel(run.id, "person:test", Cancel.INTERRUPT)
    [told] = await services.memory.read(_deliveries)
    assert (told.run_id, told.payload["status"]) == (run.id, "cancelled")


def _deliveries(session: TenantSession) -> list[Delivery]:
    return [*session.exec(select(Delivery))]


async def test_a_waiting_run_that_is_taken_back_leaves_the_values_before_it(services: Services) -> None:
    first = await ran(services, "noting")
    told = Request("both", {"notes": ["told"]}, Trigger.API, "person:test", thread_id=first.thread_id)
    asked, _ = await services.runs.start(told)
    assert (await services.runs.wait(asked.id)).result["notes"] == ["noted", "told"]
    await services.runs.cancel(asked.id, "person:test", Cancel.ROLLBACK)
    found = await services.threads.get(first.thread_id)
    assert (await services.threads.states.whole(found)).values == {"notes": ["noted"]}
