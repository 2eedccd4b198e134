"""Taking a decision back: before its run begins all is as it was, afterwards nothing is changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from graphs.runtime.errors import Conflict, TooLate
from graphs.runtime.reviews import Verdict
from graphs.runtime.runs import Request
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory import audit, desk, drafts, reviews, runs, threads
from memory.models import DecisionType, Review, Run, Trigger
from tests.fakes.letters import build_letter, write_letter

WINDOW = timedelta(hours=1)
SOON = timedelta(milliseconds=30)


@pytest_asyncio.fixture
async def services(empty_database: str, tmp_path: Path) -> AsyncIterator[Services]:
    settings = Settings(database_url=empty_database, data_dir=tmp_path, token="t")
    async with open_services(settings, graphs={"letter": build_letter}) as services:
        yield services


async def asked(services: Services, name: str) -> Review:
    """The review of a letter that waits."""
    question = await services.memory.write(write_letter, name, 0.5)
    request = Request("letter", {"question": question}, Trigger.API, "person:a", thread_id=name)
    run, _ = await services.runs.start(request)
    await services.runs.wait(run.id)
    [review_id] = await services.memory.read(reviews.pending_of, run.id)
    review = await services.memory.read(reviews.get, review_id)
    assert review is not None
    return review


async def decided(
    services: Services, review: Review, type: DecisionType, window: timedelta = WINDOW, **more: object
) -> Run:
    verdict = Verdict(type, "person:a", 1, window=window, **more)  # type: ignore[arg-type]
    _, run = await services.reviews.decide(review.id, verdict)
    return run


async def test_all_is_as_it_was(services: Services) -> None:
    review = await asked(services, "undone")
    run = await decided(services, review, DecisionType.APPROVE)
    assert (run.status, (await services.runs.get(review.run_id)).status) == ("queued", "done")
    await services.undo.undo(review.id, "person:a")
    again = await services.memory.read(reviews.get, review.id)
    assert again is not None and (again.status, again.decided_at) == ("pending", None)
    assert await services.memory.read(reviews.decision_of, review.id) is None
    assert (await services.runs.get(run.id)).status == "cancelled"
    assert (await services.runs.get(review.run_id)).status == "waiting"
    thread = await services.memory.read(threads.get, "undone")
    assert thread is not None and thread.status == "interrupted"
    entries = await services.memory.read(audit.entries, "review", review.id)
    assert [it.action for it in entries] == ["review.approve", "review.undo"]
    second = await decided(services, review, DecisionType.REJECT, SOON, reason="other")
    assert (await services.runs.wait(second.id)).result["decision"]["type"] == "reject"


async def test_an_undone_edit_is_no_version_and_no_text_is_lost(services: Services) -> None:
    review = await asked(services, "edited")
    letter = {"subject": "Тема", "body": "Мой текст"}
    await decided(services, review, DecisionType.EDIT, args=letter)
    await services.undo.undo(review.id, "person:a")
    assert [it.version for it in await services.memory.read(drafts.versions, "edited")] == [1]
    copy = await services.memory.read(desk.workcopy, review.id, "person:a")
    assert copy is not None and (copy.version, copy.subject, copy.body) == (1, "Тема", "Мой текст")


async def test_only_who_decided_may_and_only_what_is_decided(services: Services) -> None:
    review = await asked(services, "others")
    with pytest.raises(Conflict, match="no decision"):
        await services.undo.undo(review.id, "person:a")
    await decided(services, review, DecisionType.APPROVE)
    with pytest.raises(Conflict, match="not yours"):
        await services.undo.undo(review.id, "person:b")
    assert await services.memory.read(reviews.decision_of, review.id) is not None


async def test_a_run_that_has_begun_is_not_called_back(services: Services) -> None:
    review = await asked(services, "late")
    run = await decided(services, review, DecisionType.APPROVE, SOON)
    await services.runs.wait(run.id)
    with pytest.raises(TooLate):
        await services.undo.undo(review.id, "person:a")
    assert (await services.runs.get(run.id)).status == "done"


async def test_at_the_edge_of_the_window_either_it_runs_or_it_is_undone(services: Services) -> None:
    found = [await asked(services, f"edge-{number}") for number in range(8)]

    async def race(review: Review) -> tuple[str, str]:
        run = await decided(services, review, DecisionType.APPROVE, SOON)
        try:
            await services.undo.undo(review.id, "person:a")
        except TooLate:
            await services.runs.wait(run.id)
        again = await services.memory.read(reviews.get, review.id)
        assert again is not None
        stands = await services.memory.read(runs.get, run.id)
        assert stands is not None
        return again.status, stands.status

    ends = await asyncio.gather(*map(race, found))
    assert set(ends) <= {("pending", "cancelled"), ("decided", "done")}
