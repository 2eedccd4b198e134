"""The deal of a pair stays in step with a pipeline where people work too, and each write happens once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command
from sqlmodel import select

from agents.context import Context
from agents.crm_sync.conflict import BadResolution
from agents.crm_sync.nodes import crm_review, crm_sync, crm_write
from agents.crm_sync.state import CrmState
from memory import effects, partnerships
from memory.db import Memory, TenantSession
from memory.models import Deal, Outcome, Partnership
from memory.outcomes import record_outcome
from memory.pipeline import LocalPipeline, Stage, move
from tests.fakes.pairs import context, decided, pair

Clock = Callable[[], datetime]


class Died(BaseException):
    """Stands for a process that was killed."""


class Pipeline(LocalPipeline):
    """The local pipeline, with something that happens right before or after its next write."""

    def __init__(self, memory: Memory, clock: Clock) -> None:
        super().__init__(memory, clock)
        self.before: list[Callable[[], Any]] = []
        self.after: list[Callable[[], Any]] = []

    async def put(self, key: str, fields: dict[str, Any], *, expected_version: int | None) -> dict[str, Any]:
        while self.before:
            await self.before.pop()()
        deal = await super().put(key, fields, expected_version=expected_version)
        while self.after:
            await self.after.pop()()
        return deal


class Thread:
    """One pair's thread through the CRM nodes; what a person does in the pipeline stands beside it."""

    def __init__(self, memory: Memory, clock: Clock) -> None:
        self.memory, self.clock, self.crm = memory, clock, Pipeline(memory, clock)
        graph = StateGraph(CrmState, context_schema=Context)
        for node in (crm_sync, crm_review, crm_write, analytics):
            graph.add_node(node)
        graph.add_edge(START, "crm_sync")
        self.graph: Any = graph.compile(checkpointer=InMemorySaver())

    async def letter(self, thread: str, type: str = "approve") -> dict[str, Any]:
        """A letter of the thread was let go: what its run answers."""
        await self.memory.write(decided, "p", thread, type=type)
        return await self.go(thread, {"partnership_id": "p", "thread_id": thread})

    async def go(self, thread: str, input: Any) -> dict[str, Any]:
        config = {"configurable": {"thread_id": thread}}
        answer: dict[str, Any] = await self.graph.ainvoke(
            input, config, context=context(self.memory, self.clock, crm=self.crm), durability="sync"
        )
        return answer

    async def decide(self, thread: str, decision: dict[str, Any]) -> dict[str, Any]:
        return await self.go(thread, Command(resume={"decisions": [decision]}))

    async def moved(self, stage: Stage) -> None:
        await self.memory.write(move, "p", stage, self.clock())

    async def noted(self, note: str) -> None:
        deal = await self.deal()
        await LocalPipeline(self.memory, self.clock).put(
            "p", {"note": note}, expected_version=deal["version"]
        )

    async def deal(self) -> dict[str, Any]:
        deal = await self.crm.find("p")
        assert deal is not None
        return deal

    async def row(self) -> Partnership:
        row = await self.memory.read(partnerships.get, "p")
        assert row is not None
        return row


async def analytics(state: CrmState) -> dict[str, Any]:
    return {}


@pytest.fixture
async def thread(memory: Memory, clock: Clock) -> Thread:
    await memory.write(pair, "p", status="contacted")
    return Thread(memory, clock)


NOTE = "Письмо: «Письмо {}»\nРешение: письмо одобрено\nПочему вместе:\n— общие рынки"


def edit(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "edit", "edited_action": {"name": "resolve_crm_conflict", "args": {"fields": fields}}}


async def test_a_letter_makes_a_deal(thread: Thread) -> None:
    answer = await thread.letter("t1")
    assert (answer["deal_version"], answer["deal_stage"]) == (1, "contacted")
    assert await thread.deal() == {
        "key": "p",
        "version": 1,
        "title": "a-p × b-p",
        "stage": "contacted",
        "company": "a-p",
        "partner": "b-p",
        "score": 0.7,
        "value_rub": None,
        "note": NOTE.format("t1"),
    }
    (effect,) = await thread.memory.read(effects.effects_of, "t1")
    assert (effect.key, effect.kind, effect.status, effect.attempts) == ("crm:p:t1", "crm", "done", 1)


async def test_a_second_letter_keeps_what_a_person_did_and_the_partnership_follows(thread: Thread) -> None:
    await thread.letter("t1")
    await thread.moved(Stage.IN_DISCUSSION)
    for letter in ("t2", "t3"):
        answer = await thread.letter(letter)
        deal = await thread.deal()
        assert (deal["stage"], deal["note"]) == ("in_discussion", NOTE.format(letter))
        assert answer["deal_version"] == deal["version"]
    assert (await thread.row()).status == "in_discussion"


@pytest.mark.parametrize(
    ("stage", "status", "outcome"), [(Stage.WON, "active", "won"), (Stage.LOST, "rejected", "lost")]
)
async def test_a_deal_that_a_person_closed_closes_the_partnership(
    thread: Thread, stage: Stage, status: str, outcome: str
) -> None:
    await thread.letter("t1")
    await thread.moved(stage)
    await thread.letter("t2")
    row = await thread.row()
    assert (row.status, row.outcome) == (status, outcome)


async def test_a_true_conflict_asks_a_person_and_writes_nothing_before(thread: Thread) -> None:
    await thread.letter("t1")
    await thread.noted("звонили, ждут до марта")
    before = await thread.deal()
    (asked,) = (await thread.letter("t2"))["__interrupt__"]
    assert await thread.deal() == before
    action = asked.value["action_requests"][0]
    assert action["name"] == "resolve_crm_conflict"
    assert action["args"]["ours"] == {"note": NOTE.format("t2")}
    assert action["args"]["theirs"] == {"note": "звонили, ждут до марта"}
    assert await thread.memory.read(effects.effects_of, "t2") == []


@pytest.mark.parametrize(
    ("decision", "note", "stage", "status"),
    [
        ({"type": "approve"}, NOTE.format("t2"), "contacted", "contacted"),
        ({"type": "reject", "message": "их верно"}, "звонили", "contacted", "contacted"),
        (edit({"note": "обе", "stage": "in_discussion"}), "обе", "in_discussion", "in_discussion"),
    ],
)
async def test_what_the_person_decided_is_written_and_what_nobody_disputed_too(
    thread: Thread, decision: dict[str, Any], note: str, stage: str, status: str
) -> None:
    await thread.letter("t1")
    await thread.noted("звонили")
    await thread.memory.write(rescored, 0.9)
    await thread.letter("t2")
    answer = await thread.decide("t2", decision)
    deal = await thread.deal()
    assert (deal["note"], deal["stage"], deal["score"]) == (note, stage, 0.9)
    assert (answer["deal_version"], answer["deal_stage"]) == (deal["version"], stage)
    assert (await thread.row()).status == status
    (effect,) = await thread.memory.read(effects.effects_of, "t2")
    assert (effect.key, effect.status) == ("crm:p:t2:resolved", "done")


async def test_a_note_that_was_kept_is_still_the_persons_at_the_next_letter(thread: Thread) -> None:
    await thread.letter("t1")
    await thread.noted("звонили")
    await thread.letter("t2")
    await thread.decide("t2", {"type": "reject"})
    (asked,) = (await thread.letter("t3"))["__interrupt__"]
    assert asked.value["action_requests"][0]["args"]["theirs"] == {"note": "звонили"}


async def test_a_bad_edit_writes_nothing(thread: Thread) -> None:
    await thread.letter("t1")
    await thread.noted("звонили")
    await thread.letter("t2")
    before = await thread.deal()
    with pytest.raises(BadResolution, match=r"^stage: "):
        await thread.decide("t2", edit({"stage": "maybe"}))
    assert await thread.deal() == before


async def test_a_person_who_is_quicker_than_our_write_is_not_written_over(thread: Thread) -> None:
    await thread.letter("t1")
    thread.crm.before = [lambda: thread.moved(Stage.IN_DISCUSSION)]
    await thread.letter("t2")
    deal = await thread.deal()
    assert (deal["stage"], deal["note"]) == ("in_discussion", NOTE.format("t2"))
    (effect,) = await thread.memory.read(effects.effects_of, "t2")
    assert (effect.status, effect.attempts) == ("done", 2)


async def test_a_person_who_is_quicker_than_the_decision_is_asked_again(thread: Thread) -> None:
    await thread.letter("t1")
    await thread.noted("звонили")
    await thread.letter("t2")
    await thread.noted("договорились")
    (asked,) = (await thread.decide("t2", {"type": "approve"}))["__interrupt__"]
    assert asked.value["action_requests"][0]["args"]["theirs"] == {"note": "договорились"}
    await thread.decide("t2", {"type": "approve"})
    assert (await thread.deal())["note"] == NOTE.format("t2")


async def test_a_kill_right_after_the_write_makes_no_second_deal_and_undoes_nobody(thread: Thread) -> None:
    thread.crm.after = [died]
    with pytest.raises(Died):
        await thread.letter("t1")
    await thread.go("t1", None)
    assert (await thread.deal())["version"] == 1
    (effect,) = await thread.memory.read(effects.effects_of, "t1")
    assert (effect.status, effect.attempts) == ("done", 2)


async def test_a_repeat_of_the_node_after_it_was_done_keeps_what_a_person_did_since(thread: Thread) -> None:
    await thread.letter("t1")
    await thread.moved(Stage.IN_DISCUSSION)
    answer = await thread.go("t1", {"partnership_id": "p", "thread_id": "t1"})
    assert (answer["deal_version"], answer["deal_stage"]) == (2, "in_discussion")
    (effect,) = await thread.memory.read(effects.effects_of, "t1")
    assert effect.attempts == 1


@pytest.mark.parametrize("decision", ["approve", "reject"])
async def test_a_deal_that_a_person_deleted_comes_back_only_if_a_person_says_so(
    thread: Thread, decision: str
) -> None:
    await thread.letter("t1")
    await thread.memory.write(lambda session: session.delete(session.exec(select(Deal)).one()))
    assert "__interrupt__" in await thread.letter("t2")
    await thread.decide("t2", {"type": decision})
    assert (await thread.crm.find("p") is not None) == (decision == "approve")


async def test_an_outcome_that_is_known_is_not_reopened_by_the_pipeline(thread: Thread) -> None:
    await thread.letter("t1")
    await thread.memory.write(record_outcome, "p", Outcome.WON, None, "person:anna", thread.clock())
    await thread.moved(Stage.IN_DISCUSSION)
    await thread.letter("t2")
    row = await thread.row()
    assert (row.status, row.outcome) == ("active", "won")


async def died() -> None:
    raise Died


def rescored(session: TenantSession, score: float) -> None:
    row = partnerships.get(session, "p")
    assert row is not None
    row.score = score
