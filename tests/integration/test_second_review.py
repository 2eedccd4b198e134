"""A risky letter is approved by two people; what waits too long is marked as late and never decided."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from graphs.runtime.bulk import Report
from graphs.runtime.errors import AlreadyDecided, AsksSecond, Conflict, Ruled
from graphs.runtime.reviews import Endorsed, Verdict
from graphs.runtime.runs import Request
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory import audit, people, reviews
from memory.models import DecisionType, Review, Trigger
from memory.reviews import Filter
from tests.fakes.letters import build_letter, write_letter
from tests.fakes.rows import NOW


@pytest_asyncio.fixture
async def services(empty_database: str, tmp_path: Path) -> AsyncIterator[Services]:
    """At a time that stands still: its housekeeper finds nothing late by itself."""
    changed: dict[str, Any] = {"second_review": "medium", "deadline_h": 24}
    settings = Settings(database_url=empty_database, data_dir=tmp_path, token="t", **changed)
    async with open_services(settings, clock=lambda: NOW, graphs={"letter": build_letter}) as services:
        yield services


async def asked(services: Services, name: str, severity: str | None) -> Review:
    """The review of a letter that waits."""
    question = await services.memory.write(write_letter, name, 0.5, severity)
    request = Request("letter", {"question": question}, Trigger.API, "person:a", thread_id=name)
    run, _ = await services.runs.start(request)
    await services.runs.wait(run.id)
    [review_id] = await services.memory.read(reviews.pending_of, run.id)
    review = await services.memory.read(reviews.get, review_id)
    assert review is not None
    return review


def approval(actor: str, version: int = 1, type: DecisionType = DecisionType.APPROVE) -> Verdict:
    args = {"subject": "Тема", "body": "Текст"} if type is DecisionType.EDIT else None
    return Verdict(type, actor, version, args=args)


async def actions(services: Services, review: Review) -> list[tuple[str, str]]:
    entries = await services.memory.read(audit.entries, "review", review.id)
    return [(entry.action, entry.actor) for entry in entries]


async def test_one_alone_lets_no_risky_letter_go(services: Services) -> None:
    review = await asked(services, "risky", "high")
    for _ in range(2):
        first = await services.reviews.answer(review.id, approval("person:a"))
        assert isinstance(first, Endorsed) and first.by == ["person:a"]
    still = await services.memory.read(reviews.get, review.id)
    assert still is not None and (still.status, still.decided_at) == ("pending", None)
    assert await services.reviews.count(Filter()) == 1
    done = await services.reviews.answer(review.id, approval("person:b"))
    assert not isinstance(done, Endorsed) and done[0].actor == "person:b"
    assert await actions(services, review) == [("review.endorse", "person:a"), ("review.approve", "person:b")]
    with pytest.raises(AlreadyDecided):
        await services.reviews.answer(review.id, approval("person:c"))


async def test_of_two_who_approve_at_once_one_is_the_second(services: Services) -> None:
    review = await asked(services, "at-once", "high")
    both = [services.reviews.answer(review.id, approval(actor)) for actor in ("person:a", "person:b")]
    answers = await asyncio.gather(*both)
    assert sorted(isinstance(one, Endorsed) for one in answers) == [False, True]
    told = [action for action, _ in await actions(services, review)]
    assert told == ["review.endorse", "review.approve"]


async def test_an_edit_that_nobody_else_would_see_is_refused(services: Services) -> None:
    review = await asked(services, "edited", "medium")
    await services.reviews.answer(review.id, approval("person:a"))
    with pytest.raises(Ruled):
        await services.reviews.decide(review.id, approval("person:b", type=DecisionType.EDIT))


async def test_what_was_endorsed_is_one_version(services: Services) -> None:
    review = await asked(services, "versions", "high")
    with pytest.raises(Conflict):
        await services.reviews.answer(review.id, approval("person:a", version=2))
    assert await actions(services, review) == []


async def test_a_rejection_needs_nobody_else_and_neither_does_a_lesser_risk(services: Services) -> None:
    for name, severity, type in (
        ("refused", "high", DecisionType.REJECT),
        ("low", "low", DecisionType.APPROVE),
        ("none", None, DecisionType.APPROVE),
    ):
        review = await asked(services, name, severity)
        decision, _ = await services.reviews.decide(review.id, approval("person:a", type=type))
        assert decision.type == type


async def test_many_at_once_do_not_go_round_the_second_person(services: Services) -> None:
    review = await asked(services, "bulk", "high")
    report: Report = await services.bulk.decide([(review.id, 1)], approval("person:a"))
    assert [type(error) for _, error in report.failed] == [AsksSecond]


async def test_what_waits_too_long_is_late_once_and_not_decided(empty_database: str, tmp_path: Path) -> None:
    times = [NOW]
    told: dict[str, Any] = {"deadline_h": 24, "late_email": "head@artel.test"}
    settings = Settings(database_url=empty_database, data_dir=tmp_path, token="t", **told)
    graphs = {"letter": build_letter}
    async with open_services(settings, clock=lambda: times[-1], graphs=graphs) as services:
        review = await asked(services, "slow", None)
        times.append(NOW + timedelta(hours=23, minutes=59))
        await services.housekeeper.tidy()
        assert await services.reviews.page(Filter(late=True), "score", 9) == []
        assert letters(tmp_path) == []
        times.append(NOW + timedelta(hours=24))
        await services.housekeeper.tidy()
        await services.housekeeper.tidy()
        [late] = await services.reviews.page(Filter(late=True), "score", 9)
        assert (late.id, late.status, late.escalated_at) == (review.id, "pending", times[-1])
        assert await actions(services, review) == [("review.escalate", "system")]
    [letter] = letters(tmp_path)
    assert (letter["To"], letter["Subject"]) == ("head@artel.test", "Просрочено решений: 1")
    text = letter.get_content()
    assert "— Письмо slow" in text and "http://127.0.0.1:8000/queue?status=late" in text


async def test_each_late_one_is_told_of_once_whoever_looks_and_whenever(
    empty_database: str, tmp_path: Path
) -> None:
    """By two processes that look a second apart, by one whose mail fails at first, in two tenants."""
    times = [NOW]
    told: dict[str, Any] = {"deadline_h": 24, "late_email": "head@artel.test, acme=boss@acme.test"}
    settings = Settings(database_url=empty_database, data_dir=tmp_path, token="t", **told)
    graphs = {"letter": build_letter}
    async with (
        open_services(settings, clock=lambda: times[-1], graphs=graphs) as services,
        open_services(settings, clock=lambda: times[-1] + timedelta(seconds=1), graphs=graphs) as other,
    ):
        await asked(services, "first", None)
        times.append(NOW + timedelta(seconds=1))
        await asked(services, "second", None)
        await services.memory.write(people.ensure_tenant, "acme")
        await asked(services.of("acme"), "theirs", None)
        times.append(NOW + timedelta(hours=24))
        (tmp_path / "outbox").write_text("in the way of the folder")
        await asyncio.gather(services.housekeeper.tidy(), other.housekeeper.tidy())
        (tmp_path / "outbox").unlink()
        times.append(times[-1] + timedelta(minutes=6))
        both = services.housekeeper, other.housekeeper
        await asyncio.gather(*(housekeeper.tidy() for housekeeper in (*both, *both)))
        await services.of("acme").housekeeper.tidy()
    told_of = [(letter["To"], line) for letter in letters(tmp_path) for line in titles(letter)]
    assert sorted(told_of) == [
        ("boss@acme.test", "— Письмо theirs"),
        ("head@artel.test", "— Письмо first"),
        ("head@artel.test", "— Письмо second"),
    ]


def titles(letter: EmailMessage) -> list[str]:
    return [line for line in letter.get_content().splitlines() if line.startswith("— ")]


def letters(folder: Path) -> list[EmailMessage]:
    files = sorted((folder / "outbox").glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
