"""Threads that an older build left waiting are resumed by today's graphs, after the schema's upgrade."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from langgraph.types import Command

from graphs import partnership
from memory import drafts, effects, partnerships, reviews
from memory.checkpoints import Checkpoints, open_saver
from memory.db import Database, Memory, TenantSession
from memory.models import Decision, DecisionType, Review
from memory.pipeline import LocalPipeline
from memory.reviews import Filter
from memory.schema import upgrade
from prompts import OFFLINE_TEMPLATES
from tests.fakes.pairs import context
from tools.llm.offline import Offline
from tools.mail import Outbox

DUMPS = sorted((Path(__file__).parents[1] / "fakes" / "old_threads").glob("*.sql.gz"))


@dataclass
class Old:
    """The database of the older build, with today's graph on it."""

    memory: Memory
    graph: Any
    checkpoints: Checkpoints
    context: Any
    outbox: Path

    async def waiting(self, kind: str) -> list[Review]:
        return list(await self.memory.read(reviews.page, Filter(kind=kind), "score", 100))

    async def decide(self, review: Review, decision: dict[str, Any]) -> dict[str, Any]:
        """A person's decision is recorded and the thread resumed: what its run answers."""
        await self.memory.write(decided, review, decision, self.context.clock())
        resume: Any = Command(resume={review.interrupt_id: {"decisions": [decision]}})
        answer: dict[str, Any] = await self.graph.ainvoke(
            resume, self._config(review), context=self.context, durability="sync"
        )
        return answer

    async def ended(self, review: Review) -> bool:
        state = await self.graph.aget_state(self._config(review))
        return not state.next

    async def status(self, review: Review) -> str:
        row = await self.memory.read(partnerships.get, str(review.partnership_id))
        assert row is not None
        return row.status

    async def deal(self, review: Review) -> dict[str, Any]:
        return await self.context.crm.find(str(review.partnership_id)) or {}

    def letters(self) -> list[str]:
        return [file.read_text() for file in self.outbox.glob("*.eml")]

    def _config(self, review: Review) -> Any:
        return {"configurable": {"thread_id": review.thread_id}}


def decided(session: TenantSession, review: Review, decision: dict[str, Any], now: datetime) -> None:
    """The rows of a decision; an approval names the shown draft, an edit the person's own version."""
    assert reviews.close(session, review.id, now)
    let_go = review.draft_id if decision["type"] == "approve" else None
    if decision["type"] == "edit" and review.draft_id:
        shown = drafts.get(session, review.draft_id)
        assert shown is not None
        edited = decision["edited_action"]["args"]
        let_go = drafts.add_person_version(
            session,
            shown,
            subject=edited["subject"],
            body=edited["body"],
            actor="person:anna",
            id=f"edit-{review.id}"[:36],
            now=now,
        ).id
    row = Decision(
        id=f"d-{review.id}"[:36],
        review_id=review.id,
        type=DecisionType(decision["type"]),
        actor="person:anna",
        draft_id=let_go,
        message=decision.get("message"),
        decided_at=now,
    )
    reviews.record(session, row)


@pytest.fixture(params=DUMPS, ids=lambda dump: dump.name.split(".")[0])
async def old(
    request: pytest.FixtureRequest, tmp_path: Path, new_id: Callable[[], str]
) -> AsyncIterator[Old]:
    with closing(sqlite3.connect(tmp_path / "artel.db")) as connection:
        connection.executescript(gzip.decompress(request.param.read_bytes()).decode())
    url = f"sqlite:///{tmp_path / 'artel.db'}"
    upgrade(url)
    database = Database(url)
    memory, outbox = Memory(database), tmp_path / "outbox"
    newest = await memory.read(reviews.page, Filter(), "newest", 1)
    minutes = count(1)

    def clock() -> datetime:
        return newest[0].created_at + timedelta(minutes=next(minutes))

    given = context(
        memory,
        clock,
        crm=LocalPipeline(memory, clock),
        llm=Offline(OFFLINE_TEMPLATES),
        mail=Outbox(outbox, clock),
        new_id=new_id,
    )
    async with open_saver(url) as saver:
        graph = partnership.build().compile(checkpointer=saver)
        yield Old(memory, graph, Checkpoints(saver), given, outbox)
    database.close()


def test_there_are_old_threads() -> None:
    assert DUMPS


async def test_an_approved_letter_leaves_and_makes_a_deal(old: Old) -> None:
    asked = await old.waiting("outreach")
    assert len(asked) > 1
    for number, review in enumerate(asked, 1):
        await old.decide(review, {"type": "approve"})
        assert await old.ended(review)
        assert len(old.letters()) == number
        assert (await old.deal(review))["stage"] == await old.status(review) == "contacted"
        kinds = {effect.kind for effect in await old.memory.read(effects.effects_of, review.thread_id)}
        assert kinds == {"letter", "crm"}


async def test_an_edited_letter_leaves_as_the_person_wrote_it(old: Old) -> None:
    for review in await old.waiting("outreach"):
        shown = review.request["action_requests"][0]
        args = {**shown["args"], "subject": "Edited by a person"}
        action = {"name": shown["name"], "args": args}
        answer = await old.decide(review, {"type": "edit", "edited_action": action})
        assert answer["draft_version"] == 2
        assert await old.ended(review)
    assert all("Edited by a person" in letter for letter in old.letters())
    assert old.letters()


async def test_a_rejected_pair_ends_without_a_letter(old: Old) -> None:
    for review in await old.waiting("outreach"):
        await old.decide(review, {"type": "reject", "message": "не наш рынок"})
        assert await old.ended(review)
        assert await old.status(review) == "rejected"
    assert old.letters() == []


async def test_a_remark_leads_to_the_next_version_and_the_next_question(old: Old) -> None:
    for review in await old.waiting("outreach"):
        answer = await old.decide(review, {"type": "respond", "message": "короче"})
        (question,) = answer["__interrupt__"]
        action = question.value["action_requests"][0]
        assert action["args"]["version"] == 2
        assert (await old.ended(review), old.letters()) == (False, [])


async def test_a_pruned_thread_goes_on(old: Old) -> None:
    for review in await old.waiting("outreach"):
        before = await old.checkpoints.size([review.thread_id])
        await old.checkpoints.prune([review.thread_id])
        assert await old.checkpoints.size([review.thread_id]) < before
        await old.decide(review, {"type": "approve"})
        assert await old.ended(review)


@pytest.mark.parametrize(
    ("decision", "stage", "note"),
    [
        ({"type": "approve"}, "contacted", "Письмо"),
        ({"type": "reject"}, "in_discussion", "позвонить"),
        (
            {
                "type": "edit",
                "edited_action": {
                    "name": "resolve_crm_conflict",
                    "args": {"fields": {"stage": "won", "note": "договор"}},
                },
            },
            "won",
            "договор",
        ),
    ],
    ids=["approve", "reject", "edit"],
)
async def test_a_conflict_ends_as_the_person_says(
    old: Old, decision: dict[str, Any], stage: str, note: str
) -> None:
    (review,) = await old.waiting("crm_conflict")
    await old.decide(review, decision)
    deal = await old.deal(review)
    assert await old.ended(review)
    assert (deal["stage"], deal["note"][: len(note)]) == (stage, note)
    assert old.letters() == []
