"""Runs through LangGraph's own client: started, waited for, answered, refused, cancelled, listed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.graph import START, StateGraph
from langgraph.pregel.remote import RemoteException, RemoteGraph
from langgraph.types import Command, interrupt
from langgraph_sdk.errors import ConflictError, NotFoundError, UnprocessableEntityError
from sqlmodel import col, select

from agents.context import Context
from memory.assistants import default_id
from memory.db import TenantSession
from memory.models import Thread
from tests.fakes.graphs import Asking
from tests.fakes.wire import HEADERS, Wire, holding, wired

pytestmark = pytest.mark.untraced

APPROVE = {"decisions": [{"type": "approve"}]}
LABEL = {"a": 1}
EDIT = {"name": "send_letter", "args": {"note": "!"}}
EDIT_OF_INBOX = {"action": "send_letter", "args": {"note": "!"}}
HI: dict[str, Any] = {"messages": [{"role": "user", "content": "hi"}]}


async def prompt(state: Asking) -> dict[str, Any]:
    return {"answer": interrupt("Which one?")}


def build_prompting() -> StateGraph[Asking, Context, Any, Any]:
    """It asks its client, and not the queue of reviews."""
    graph = StateGraph(Asking, context_schema=Context)
    graph.add_node(prompt)
    graph.add_edge(START, "prompt")
    return graph


@pytest.fixture
async def held() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
async def wire(tmp_path: Path, held: asyncio.Event) -> AsyncIterator[Wire]:
    async with wired(tmp_path, holding=holding(held), prompting=build_prompting) as found:
        yield found
        held.set()


@pytest.fixture
async def each(tmp_path: Path, empty_database: str, held: asyncio.Event) -> AsyncIterator[Wire]:
    """Once on each database."""
    async with wired(tmp_path, empty_database, holding=holding(held), prompting=build_prompting) as found:
        yield found
        held.set()


async def thread_of(wire: Wire) -> str:
    return str((await wire.sdk.threads.create())["thread_id"])


async def asked(wire: Wire, graph: str = "asking") -> tuple[str, str]:
    """(thread, interrupt) of a run that waits."""
    thread_id = await thread_of(wire)
    values: Any = await wire.sdk.runs.wait(thread_id, graph, input={})
    return thread_id, values["__interrupt__"][0]["id"]


async def test_a_run_is_waited_for_answered_and_told(each: Wire) -> None:
    thread_id = await thread_of(each)
    values: Any = await each.sdk.runs.wait(thread_id, "asking", input={"text": "?"}, metadata={"a": 1})
    assert values["steps"] == ["first", "second"]
    assert values["__interrupt__"][0]["value"]["action_requests"][0]["name"] == "send_letter"
    [run] = await each.sdk.runs.list(thread_id)
    assert (run["status"], run["metadata"]) == ("success", {"a": 1})
    assert run["assistant_id"] == default_id("asking", "default")
    assert (await each.sdk.threads.get(thread_id))["status"] == "interrupted"
    values = await each.sdk.runs.wait(thread_id, "asking", command={"resume": APPROVE})
    assert values["answer"] == "approve"
    assert values["steps"][-1] == "last"
    assert "__interrupt__" not in values


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        (APPROVE, "approve"),
        ([{"type": "accept", "args": None}], "approve"),
        ([{"type": "ignore", "args": None}], "reject"),
        ({"decisions": [{"type": "reject", "message": "no"}]}, "reject"),
        ([{"type": "edit", "args": EDIT_OF_INBOX}], "edit"),
        ({"decisions": [{"type": "edit", "args": {"action": "send_letter", "args": {"note": "!"}}}]}, "edit"),
        (
            {
                "decisions": [
                    {"type": "edit", "edited_action": {"name": "send_letter", "args": {"note": "!"}}}
                ]
            },
            "edit",
        ),
    ],
)
async def test_an_answer_is_a_decision_on_the_review(wire: Wire, sent: Any, heard: str) -> None:
    thread_id, interrupt_id = await asked(wire)
    values: Any = await wire.sdk.runs.wait(thread_id, "asking", command={"resume": {interrupt_id: sent}})
    assert values["answer"] == heard
    [review] = (await wire.api.client.get("reviews", params={"status": "decided"})).json()["items"]
    decision = (await wire.api.client.get(f"reviews/{review['id']}")).json()["decision"]
    assert (decision["type"], decision["actor"]) == (heard, "person:anna")


@pytest.mark.parametrize(
    "sent", [[{"type": "response", "args": "shorter"}], {"type": "respond", "message": "x"}]
)
async def test_a_remark_is_asked_about_again(wire: Wire, sent: Any) -> None:
    thread_id, _ = await asked(wire)
    values: Any = await wire.sdk.runs.wait(thread_id, "asking", command={"resume": sent})
    assert values["answer"] == "respond"
    assert values["__interrupt__"]
    values = await wire.sdk.runs.wait(thread_id, "asking", command={"resume": APPROVE})
    assert values["answer"] == "approve"


@pytest.mark.parametrize(
    "sent",
    [
        "yes",
        {"decisions": []},
        {"decisions": [{"type": "burn"}]},
        {"decisions": [{"type": 5}]},
        {"decisions": [{"type": "edit", "edited_action": {"name": "other", "args": {"note": "!"}}}]},
    ],
)
async def test_what_is_no_decision_is_refused_and_nothing_decided(wire: Wire, sent: Any) -> None:
    thread_id, _ = await asked(wire)
    with pytest.raises(UnprocessableEntityError):
        await wire.sdk.runs.create(thread_id, "asking", command={"resume": sent})
    assert (await wire.sdk.threads.get(thread_id))["status"] == "interrupted"


async def test_who_answers_second_is_told_so(each: Wire) -> None:
    thread_id, interrupt_id = await asked(each)
    sent = [
        each.sdk.runs.create(thread_id, "asking", command={"resume": {interrupt_id: APPROVE}})
        for _ in range(4)
    ]
    results = await asyncio.gather(*sent, return_exceptions=True)
    assert sum(isinstance(one, dict) for one in results) == 1
    assert sum(isinstance(one, ConflictError) for one in results) == 3


async def test_an_unknown_interrupt_and_a_thread_that_does_not_wait(each: Wire) -> None:
    thread_id, interrupt_id = await asked(each, "prompting")
    with pytest.raises(NotFoundError, match="f" * 32):
        await each.sdk.runs.create(thread_id, "prompting", command={"resume": {"f" * 32: 1}})
    values: Any = await each.sdk.runs.wait(thread_id, "prompting", command={"resume": {interrupt_id: "left"}})
    assert values["answer"] == "left"
    with pytest.raises(ConflictError, match="answered already"):
        await each.sdk.runs.create(thread_id, "prompting", command={"resume": {interrupt_id: "no"}})
    with pytest.raises(ConflictError, match="does not wait"):
        await each.sdk.runs.create(thread_id, "prompting", command={"resume": "no"})


async def test_an_unknown_thread_is_made_only_when_asked_for(wire: Wire) -> None:
    with pytest.raises(NotFoundError):
        await wire.sdk.runs.create("t1", "asking", input={})
    run = await wire.sdk.runs.create("t1", "asking", input={}, if_not_exists="create")
    assert run["thread_id"] == "t1"
    with pytest.raises(NotFoundError):
        await wire.sdk.runs.create("t1", "no-such-graph", input={})


async def test_a_busy_thread_refuses_enqueues_or_gives_way(each: Wire, held: asyncio.Event) -> None:
    thread_id = await thread_of(each)
    first = await each.sdk.runs.create(thread_id, "holding", input={})
    with pytest.raises(ConflictError):
        await each.sdk.runs.create(thread_id, "holding", input={})
    second = await each.sdk.runs.create(thread_id, "holding", input={}, multitask_strategy="enqueue")
    assert second["status"] == "pending"
    third = await each.sdk.runs.create(thread_id, "holding", input={}, multitask_strategy="interrupt")
    for run in (first, second):
        await each.sdk.runs.join(thread_id, run["run_id"])
        assert (await each.sdk.runs.get(thread_id, run["run_id"]))["status"] == "interrupted"
    held.set()
    assert (await each.sdk.runs.join(thread_id, third["run_id"]))["answer"] == "held"
    assert len(await each.sdk.runs.list(thread_id, status="interrupted")) == 2
    assert len(await each.sdk.runs.list(thread_id, limit=1, offset=1)) == 1


async def test_a_rolled_back_run_has_never_been(each: Wire) -> None:
    thread_id = await thread_of(each)
    run = await each.sdk.runs.create(thread_id, "holding", input={"text": "x"})
    await each.sdk.runs.cancel(thread_id, run["run_id"], wait=True, action="rollback")
    with pytest.raises(NotFoundError):
        await each.sdk.runs.get(thread_id, run["run_id"])
    assert await each.sdk.runs.list(thread_id) == []
    with pytest.raises(NotFoundError):
        await each.sdk.runs.cancel(thread_id, run["run_id"])


async def test_many_are_cancelled_at_once(each: Wire) -> None:
    threads = [await thread_of(each) for _ in range(3)]
    made = [await each.sdk.runs.create(id, "holding", input={}) for id in threads]
    await each.sdk.runs.cancel_many(thread_id=threads[0], run_ids=[made[0]["run_id"]])
    await each.sdk.runs.cancel_many(status="all")
    for run in made:
        await each.sdk.runs.join(run["thread_id"], run["run_id"])
        assert (await each.sdk.runs.get(run["thread_id"], run["run_id"]))["status"] == "interrupted"


async def test_a_run_without_a_thread_leaves_none_unless_kept(each: Wire, held: asyncio.Event) -> None:
    values: Any = await each.sdk.runs.wait(None, "talking", input=HI)
    assert values["mood"] == "calm"
    kept = await each.sdk.runs.create(None, "talking", input=HI, on_completion="keep")
    gone = await each.sdk.runs.create(None, "holding", input={})
    waiting: Any = await each.sdk.runs.wait(None, "asking", input={})
    assert waiting["__interrupt__"]
    await each.sdk.runs.join(kept["thread_id"], kept["run_id"])
    held.set()
    await each.sdk.runs.join(gone["thread_id"], gone["run_id"])
    passing = await each.memory.read(_passing)
    assert gone["thread_id"] in passing
    assert not {kept["thread_id"], await _waiting(each)} & passing
    assert len(passing) == 2


def _passing(session: TenantSession) -> set[str]:
    """Threads that are deleted soon."""
    return {*session.exec(select(Thread.id).where(col(Thread.ttl_s).is_not(None)))}


async def _waiting(wire: Wire) -> str:
    [thread] = await wire.sdk.threads.search(status="interrupted")
    return thread["thread_id"]


async def test_a_batch_is_started_whole_or_not_at_all(wire: Wire) -> None:
    made = await wire.sdk.runs.create_batch([{"assistant_id": "asking", "input": {}}] * 2)  # type: ignore[typeddict-item]
    assert len({run["thread_id"] for run in made}) == 2
    with pytest.raises(NotFoundError):
        await wire.sdk.runs.create_batch([{"assistant_id": "asking"}, {"assistant_id": "none"}])  # type: ignore[typeddict-item]


async def test_an_error_is_raised_by_the_client(wire: Wire) -> None:
    thread_id = await thread_of(wire)
    with pytest.raises(Exception, match="ValueError: the node could not do it"):
        await wire.sdk.runs.wait(thread_id, "failing", input={})
    [run] = await wire.sdk.runs.list(thread_id, status="error")
    await wire.sdk.runs.delete(thread_id, run["run_id"])
    assert await wire.sdk.runs.list(thread_id) == []


async def test_a_run_that_a_review_names_is_not_deleted(wire: Wire) -> None:
    thread_id, _ = await asked(wire)
    [run] = await wire.sdk.runs.list(thread_id)
    with pytest.raises(ConflictError):
        await wire.sdk.runs.delete(thread_id, run["run_id"])
    await wire.sdk.runs.wait(thread_id, "asking", command={"resume": APPROVE})
    with pytest.raises(ConflictError):
        await wire.sdk.runs.delete(thread_id, run["run_id"])


@pytest.mark.parametrize(
    "body",
    [
        {"webhook": "http://127.0.0.1/x"},
        {"webhook": "ftp://example.com"},
        {"config": {"configurable": {"model": "x"}}},
        {"context": {"threshold": 7}},
        {"stream_mode": "everything"},
        {"input": {"text": "x"}, "command": {"goto": "third"}},
        {"after_seconds": 1e12},
        {"command": {"goto": [{"node": "third", "input": {}}]}},
    ],
)
async def test_what_no_run_can_do_is_refused(wire: Wire, body: dict[str, Any]) -> None:
    answer = await wire.http.post("/runs", json={"assistant_id": "asking", **body})
    assert answer.status_code == 422, answer.text


async def test_a_run_stops_before_a_node_and_goes_on_without_input(wire: Wire) -> None:
    thread_id = await thread_of(wire)
    values: Any = await wire.sdk.runs.wait(thread_id, "asking", input={}, interrupt_before=["second"])
    assert values["steps"] == ["first"]
    values = await wire.sdk.runs.wait(thread_id, "asking")
    assert values["steps"] == ["first", "second"]
    with pytest.raises(ConflictError, match="waits for an answer"):
        await wire.sdk.runs.create(thread_id, "asking")


async def test_a_thread_is_forked_at_a_checkpoint(each: Wire) -> None:
    thread_id, interrupt_id = await asked(each, "prompting")
    await each.sdk.runs.wait(thread_id, "prompting", command={"resume": {interrupt_id: "left"}})
    first = (await each.sdk.threads.get_history(thread_id))[-1]["checkpoint"]
    values: Any = await each.sdk.runs.wait(thread_id, "prompting", checkpoint=first)
    assert values["__interrupt__"]
    with pytest.raises((NotFoundError, UnprocessableEntityError)):
        await each.sdk.runs.create(thread_id, "prompting", checkpoint_id="no-such")


async def test_a_remote_graph_asks_and_is_answered(wire: Wire) -> None:
    remote = RemoteGraph("asking", client=wire.sdk)
    config: RunnableConfig = {"configurable": {"thread_id": "remote"}, "tags": ["t"], "recursion_limit": 50}
    values: Any = await remote.ainvoke({"text": "x"}, config)
    assert values["steps"] == ["first", "second"]
    state = await remote.aget_state(config)
    answers = {one.id: APPROVE for task in state.tasks for one in task.interrupts}
    values = await remote.ainvoke(Command(resume=answers), config)
    assert values["answer"] == "approve"
    with pytest.raises(RemoteException):
        await RemoteGraph("failing", client=wire.sdk).ainvoke({"text": "x"})


async def test_a_node_may_be_another_server_s_graph(wire: Wire, held: asyncio.Event) -> None:
    graph = StateGraph(Asking).add_node("remote", RemoteGraph("holding", url=wire.url, headers=HEADERS))
    held.set()
    values = await graph.add_edge(START, "remote").compile().ainvoke({"text": "x"})
    assert values["answer"] == "held"


async def test_crons_are_kept_changed_found_and_deleted(each: Wire) -> None:
    thread_id = await thread_of(each)
    end = "2099-01-01T00:00:00+00:00"
    made: Any = await each.sdk.crons.create(
        "asking", schedule="0 9 * * 1", input={"text": "x"}, metadata={"a": 1}
    )
    assert (made["schedule"], made["timezone"], made["enabled"]) == ("0 9 * * 1", "UTC", True)
    assert made["next_run_date"]
    held: Any = await each.sdk.crons.create_for_thread(
        thread_id, "asking", schedule="0 9 * * *", enabled=False
    )
    assert (held["thread_id"], held["next_run_date"]) == (thread_id, None)
    changed: Any = await each.sdk.crons.update(
        made["cron_id"], schedule="0 10 * * *", timezone="Europe/Moscow", webhook="https://example.com/x"
    )
    assert (changed["schedule"], changed["timezone"]) == ("0 10 * * *", "Europe/Moscow")
    assert changed["payload"]["webhook"] == "https://example.com/x"
    assert changed["payload"]["input"] == {"text": "x"}
    answer = await each.http.patch(f"/runs/crons/{made['cron_id']}", json={"end_time": end})
    assert answer.json()["end_time"].startswith("2099-01-01")
    found = await each.sdk.crons.search(assistant_id="asking", sort_by="next_run_date", sort_order="asc")
    assert [one["cron_id"] for one in found] == [made["cron_id"], held["cron_id"]]
    assert await each.sdk.crons.count(metadata={"a": 1}) == 1
    assert [one["cron_id"] for one in await each.sdk.crons.search(enabled=False, thread_id=thread_id)] == [
        held["cron_id"]
    ]
    await each.sdk.crons.delete(made["cron_id"])
    with pytest.raises(NotFoundError):
        await each.sdk.crons.delete(made["cron_id"])
    with pytest.raises(UnprocessableEntityError):
        await each.sdk.crons.create("asking", schedule="nonsense")
