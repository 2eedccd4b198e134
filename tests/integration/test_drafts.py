"""Versions of a letter, who let which one go, and what the models cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from memory import drafts, usage
from memory.db import Memory, TenantSession
from memory.models import Draft, Review, Usage
from tests.fakes.pairs import decided, pair
from tests.fakes.rows import NOW


@pytest.fixture
async def letter(memory: Memory) -> Memory:
    """The thread "t" of a pair, with a letter that waits for its decision."""
    await memory.write(pair, id="p")
    await memory.write(drafts.add_draft, draft("one", 1))
    return memory


def draft(id: str, version: int, thread: str = "t", **fields: Any) -> Draft:
    made: dict[str, Any] = {
        "partnership_id": "p",
        "lang": "ru",
        "style": "formal",
        "recipient_company_id": "b-p",
        "to_name": "Бета",
        "subject": f"Тема {id}",
        "body": "Факт\u00a0первый. Факт второй.",
        "claims": [{"text": f"Факт\u00a0{it}.", "evidence": ["e"]} for it in ("первый", "второй")],
        "author": "offline templates@1",
        "offline": True,
        "prompt": "letter.ru@1",
        "created_at": NOW,
    }
    return Draft(id=id, thread_id=thread, version=version, **made | fields)


async def test_a_version_is_written_once_and_never_changed(letter: Memory) -> None:
    kept = await letter.write(drafts.add_draft, draft("other", 1, subject="Другая"))
    assert (kept.id, kept.subject) == ("one", "Тема one")
    assert len(await letter.read(drafts.versions, "t")) == 1


async def test_the_latest_and_all_versions_in_order(letter: Memory) -> None:
    for number in (3, 2):
        await letter.write(drafts.add_draft, draft(f"v{number}", number))
    assert [it.version for it in await letter.read(drafts.versions, "t")] == [1, 2, 3]
    newest = await letter.read(drafts.latest, "t")
    assert newest is not None and newest.id == "v3"
    assert await letter.read(drafts.latest, "nobody") is None
    assert await letter.read(drafts.get, "nobody") is None


async def test_a_persons_version_is_the_next_one_and_keeps_the_claims_that_still_stand(
    letter: Memory,
) -> None:
    edited = await letter.write(_edited, "Факт  первый.\r\nИ своё.")
    assert (edited.version, edited.author, edited.offline) == (2, "person:anna", False)
    assert (edited.prompt, edited.note, edited.remark) == (None, None, None)
    assert [it["text"] for it in edited.claims] == ["Факт\u00a0первый."]
    assert (edited.to_name, edited.partnership_id, edited.lang) == ("Бета", "p", "ru")
    (first, _) = await letter.read(drafts.versions, "t")
    assert first.subject == "Тема one"


@pytest.mark.parametrize(("type", "goes"), [("approve", True), ("edit", True), ("reject", False)])
async def test_only_an_approval_lets_a_letter_go(memory: Memory, type: str, goes: bool) -> None:
    await memory.write(pair, id="p")
    assert await memory.read(drafts.approved_draft, "t") is None
    await memory.write(decided, "p", "t", type=type)
    found = await memory.read(drafts.approved_draft, "t")
    assert (found is not None and found.id == "draft-t") is goes


async def test_an_approval_of_a_version_that_was_not_shown_lets_nothing_go(memory: Memory) -> None:
    await memory.write(pair, id="p")
    await memory.write(decided, "p", "t")
    await memory.write(drafts.add_draft, draft("two", 2))
    await memory.write(_show, "review-t", "two")
    assert await memory.read(drafts.approved_draft, "t") is None


async def test_an_approval_counts_for_its_own_thread_only(memory: Memory) -> None:
    await memory.write(pair, id="p")
    await memory.write(decided, "p", "t")
    await memory.write(_move, "review-t", "elsewhere")
    assert await memory.read(drafts.approved_draft, "t") is None
    assert await memory.read(drafts.approved_draft, "elsewhere") is None


async def test_of_two_decisions_the_later_one_counts(memory: Memory) -> None:
    await memory.write(pair, id="p")
    await memory.write(decided, "p", "t", after=timedelta(days=2))
    await memory.write(decided, "p", "other", type="edit", after=timedelta(days=1))
    await memory.write(_join, "other", "t")
    found = await memory.read(drafts.approved_draft, "t")
    assert found is not None and found.id == "draft-t"


async def test_a_call_is_counted_once_and_the_dearest_comes_first(memory: Memory) -> None:
    calls = [
        call("1", tokens_in=10, cost_rub=1.0, latency_ms=100),
        call("1", tokens_in=99),
        call("2", tokens_in=5, tokens_out=7, cost_rub=2.0, latency_ms=300),
        call("3", provider="dear", cost_rub=9.0),
        call("4", created_at=NOW - timedelta(days=1), cost_rub=50.0),
    ]
    for made in calls:
        await memory.write(usage.record, made)
    dear, cheap = await memory.read(usage.totals, NOW)
    assert (dear.provider, dear.calls, dear.cost_rub) == ("dear", 1, 9.0)
    assert (cheap.provider, cheap.agent, cheap.calls) == ("cheap", "outreach", 2)
    assert (cheap.tokens_in, cheap.tokens_out, cheap.cost_rub, cheap.latency_ms) == (15, 7, 3.0, 200.0)


async def test_without_calls_there_are_no_totals(memory: Memory) -> None:
    assert await memory.read(usage.totals, NOW) == []


def call(id: str, **fields: Any) -> Usage:
    made: dict[str, Any] = {"agent": "outreach", "provider": "cheap", "model": "m", "created_at": NOW}
    return Usage(id=id, **made | fields)


def _edited(session: TenantSession, body: str) -> Draft:
    base = drafts.get(session, "one")
    assert base is not None
    return drafts.add_person_version(
        session, base, subject="Своя", body=body, actor="person:anna", id="own", now=NOW
    )


def _show(session: TenantSession, review_id: str, draft_id: str) -> None:
    session.exec(select(Review).where(Review.id == review_id)).one().draft_id = draft_id


def _move(session: TenantSession, review_id: str, thread: str) -> None:
    session.exec(select(Review).where(Review.id == review_id)).one().thread_id = thread


def _join(session: TenantSession, other: str, thread: str) -> None:
    """The review and the letter of the thread `other`, as the next ones of `thread`."""
    review = session.exec(select(Review).where(Review.id == f"review-{other}")).one()
    review.thread_id, review.interrupt_id = thread, other
    letter = session.exec(select(Draft).where(Draft.id == f"draft-{other}")).one()
    letter.thread_id, letter.version = thread, 2
