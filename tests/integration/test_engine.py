"""Runs and reviews on a real database: one winner, one run a thread, nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from graphs.runtime.errors import AlreadyDecided, BadRequest, Conflict, NotFound
from graphs.runtime.reviews import Verdict
from graphs.runtime.runs import Request
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory import audit, reviews, runs, threads
from memory.db import Fence, LeaseLost
from memory.models import UNRANKED, DecisionType, Review, ReviewStatus, Run, RunStatus, Trigger
from memory.reviews import Filter, Position
from memory.runs import Caps
from tests.fakes.graphs import build_asking, build_failing
from tests.fakes.sqlite import migrated_file

GRAPHS = {"asking": build_asking, "failing": build_failing}


@asynccontextmanager
async def opened(folder: Path, clock: Callable[[], datetime]) -> AsyncIterator[Services]:
    migrated_file(folder)
    async with open_services(Settings(data_dir=folder), clock=clock, graphs=GRAPHS) as services:
        yield services


@pytest_asyncio.fixture
async def services(tmp_path: Path, clock: Callable[[], datetime]) -> AsyncIterator[Services]:
    async with opened(tmp_path, clock) as services:
        yield services


def asking(**changes: str) -> Request:
    return Request("asking", {"text": "x"}, Trigger.API, "person:test", **changes)  # type: ignore[arg-type]


async def ask(services: Services, **changes: str) -> tuple[Run, Review]:
    run, _ = await services.runs.start(asking(**changes))
    waiting = await services.runs.wait(run.id)
    assert waiting.status == RunStatus.WAITING
    found = await services.reviews.page(Filter(thread_id=run.thread_id), "newest", 1)
    return waiting, found[0]


def verdict(type: DecisionType = DecisionType.APPROVE, actor: str = "person:test") -> Verdict:
    return Verdict(type, actor, message="because")


async def test_a_run_stops_for_a_person_and_goes_on(services: Services) -> None:
    run, review = await ask(services)
    decision, resumed = await services.reviews.decide(review.id, verdict())
    ended = await services.runs.wait(resumed.id)
    assert (decision.type, ended.status, ended.trigger, ended.parent_id) == (
        "approve",
        RunStatus.DONE,
        Trigger.REVIEW,
        run.id,
    )
    assert ended.result["steps"] == ["first", "second", "third", "last"]
    assert (await services.runs.get(run.id)).status == RunStatus.DONE


async def test_a_run_whose_end_was_just_told_is_not_waited_for(services: Services) -> None:
    with services.events.listen() as everything:
        run, _ = await services.runs.start(asking())
        async with asyncio.timeout(30):
            while (await everything.next()).data.get("status") != RunStatus.WAITING:
                pass
            assert (await services.runs.wait(run.id)).status == RunStatus.WAITING


async def test_a_remark_goes_back_and_asks_again(services: Services) -> None:
    _, first = await ask(services)
    _, resumed = await services.reviews.decide(first.id, verdict(DecisionType.RESPOND))
    assert (await services.runs.wait(resumed.id)).status == RunStatus.WAITING
    second = (await services.reviews.page(Filter(thread_id=first.thread_id), "newest", 1))[0]
    assert second.id != first.id
    _, last = await services.reviews.decide(second.id, verdict())
    assert (await services.runs.wait(last.id)).result["steps"].count("second") == 2


async def test_a_key_never_runs_twice(services: Services) -> None:
    both = await asyncio.gather(services.runs.start(asking(key="k")), services.runs.start(asking(key="k")))
    assert both[0][0].id == both[1][0].id
    assert sorted(new for _, new in both) == [False, True]


async def test_a_thread_has_one_active_run(services: Services) -> None:
    started = [services.runs.start(asking(thread_id="t")) for _ in range(3)]
    results = await asyncio.gather(*started, return_exceptions=True)
    assert sum(isinstance(result, Conflict) for result in results) == 2


async def test_a_failing_node_ends_its_run_and_no_other(services: Services) -> None:
    failing, _ = await services.runs.start(Request("failing", {}, Trigger.API, "person:test"))
    await ask(services)
    ended = await services.runs.wait(failing.id)
    assert (ended.status, ended.error) == (RunStatus.FAILED, "ValueError: the node could not do it")


async def test_one_decision_wins(services: Services) -> None:
    asked = await asyncio.gather(*(ask(services) for _ in range(25)))

    async def decide(review: Review, actor: str, type: DecisionType) -> str:
        try:
            await services.reviews.decide(review.id, verdict(type, actor))
        except AlreadyDecided as lost:
            return f"lost to {lost.by}"
        return "won"

    for _, review in asked:
        types = (DecisionType.APPROVE, DecisionType.REJECT, DecisionType.APPROVE, DecisionType.REJECT)
        results = await asyncio.gather(*(decide(review, f"person:{i}", t) for i, t in enumerate(types)))
        winner = results.index("won")
        assert sorted(results) == sorted(["won", *[f"lost to person:{winner}"] * 3])


async def test_a_decision_and_the_run_that_follows_are_stored_together(services: Services) -> None:
    async def execute(statement: str) -> None:
        await services.memory.write(lambda session: session.connection().execute(text(statement)))

    _, review = await ask(services)
    await execute("CREATE TRIGGER no BEFORE INSERT ON run BEGIN SELECT RAISE(ABORT, 'not now'); END")
    with pytest.raises(IntegrityError, match="not now"):
        await services.reviews.decide(review.id, verdict())
    with pytest.raises(Conflict):
        await services.runs.start(asking(thread_id="t"))
    await execute("DROP TRIGGER no")
    assert await services.memory.read(reviews.decision_of, review.id) is None
    assert await services.memory.read(threads.get, "t") is None
    _, run = await services.reviews.decide(review.id, verdict())
    assert (await services.runs.wait(run.id)).status == RunStatus.DONE


async def test_what_is_not_there_is_said(services: Services) -> None:
    with pytest.raises(NotFound, match="no run 'x'"):
        await services.runs.get("x")
    with pytest.raises(NotFound, match="no review 'x'"):
        await services.reviews.decide("x", verdict())
    with pytest.raises(NotFound, match="no graph 'x'"):
        await services.runs.start(Request("x", {}, Trigger.API, "person:test"))


async def test_a_decision_that_is_not_offered_changes_nothing(services: Services) -> None:
    _, review = await ask(services)
    only_approve = {**review.request, "review_configs": [{"allowed_decisions": ["approve"]}]}
    await services.memory.write(lambda s: s.get(Review, review.id).sqlmodel_update({"request": only_approve}))  # type: ignore[union-attr]
    with pytest.raises(BadRequest, match="allows approve, not reject"):
        await services.reviews.decide(review.id, verdict(DecisionType.REJECT))
    assert (await services.memory.read(reviews.get, review.id)).status == ReviewStatus.PENDING  # type: ignore[union-attr]


async def test_cancelling_withdraws_the_review(services: Services) -> None:
    run, review = await ask(services)
    assert (await services.runs.cancel(run.id, "person:test")).status == RunStatus.CANCELLED
    with pytest.raises(Conflict, match="withdrawn"):
        await services.reviews.decide(review.id, verdict())
    with pytest.raises(Conflict, match="ended already"):
        await services.runs.cancel(run.id, "person:test")
    noted = await services.memory.read(audit.entries, "run", run.id)
    assert [entry.action for entry in noted] == ["run.start", "run.cancel"]


async def test_events_tell_a_run_from_beginning_to_rest(services: Services) -> None:
    run, _ = await services.runs.start(asking())
    events = [event async for event in services.runs.events(run.id)]
    nodes = [event.data["node"] for event in events if event.type == "node"]
    assert nodes == ["first", "second"][-len(nodes) :]
    assert events[-1].data["status"] == RunStatus.WAITING


async def test_who_lost_a_run_cannot_finish_it(services: Services, clock: Callable[[], datetime]) -> None:
    run = Run(id="r", thread_id="t", graph="asking", trigger="api", created_at=clock())
    run.queue = "apart"  # no worker of this test serves it

    async def claim(worker: str) -> list[Run]:
        return await services.memory.write(runs.claim, worker, ["apart"], 1, Caps(), clock())

    await services.memory.write(runs.add, run)
    (stale,) = await claim("stale")
    await services.memory.write(runs.take_over, "stale", clock(), max_deaths=5)
    (held,) = await claim("owner")
    assert (held.attempts, held.deaths) == (2, 1)
    assert not await services.memory.write(runs.finish, stale, RunStatus.FAILED, clock())
    assert (await services.runs.get("r")).status == RunStatus.RUNNING
    fenced = replace(services.memory, fence=Fence("r", "stale", stale.attempts))
    with pytest.raises(LeaseLost):
        await fenced.write(lambda session: session.info)
    assert await services.memory.write(runs.finish, held, RunStatus.DONE, clock())
    assert await claim("stale") == []


async def test_a_committed_run_starts_with_the_next_process(
    tmp_path: Path, clock: Callable[[], datetime]
) -> None:
    async with opened(tmp_path, clock) as services:
        run = Run(id="r", thread_id="t", graph="asking", trigger="api", created_at=clock())
        await services.memory.write(runs.add, run)
    async with opened(tmp_path, clock) as services:
        assert (await services.runs.wait("r")).status == RunStatus.WAITING


async def test_a_run_that_kills_its_process_is_given_up(
    tmp_path: Path, clock: Callable[[], datetime]
) -> None:
    run = Run(id="r", thread_id="t", graph="asking", trigger="api", created_at=clock())
    run.sqlmodel_update({"status": RunStatus.RUNNING, "owner": "dead", "attempts": 5, "deaths": 4})
    async with opened(tmp_path, clock) as services:
        await services.memory.write(runs.add, run)
        ended = await services.runs.wait("r")
        assert (ended.status, ended.error) == (RunStatus.DEAD, "gave up: 5 workers died on it")
        assert (await services.runs.requeue("r", "person:test")).deaths == 0
        assert (await services.runs.wait("r")).status == RunStatus.WAITING


@pytest.mark.parametrize("sort", ["score", "newest", "oldest"])
async def test_pages_of_reviews_meet_without_gap_or_overlap(services: Services, sort: reviews.Sort) -> None:
    for score in (0.5, None, 0.9, 0.5, None):
        _, review = await ask(services)
        await services.memory.write(
            lambda s, r=review, v=score: s.get(Review, r.id).sqlmodel_update(
                {"score": v, "rank": UNRANKED if v is None else v}
            )
        )
    everything = await services.reviews.page(Filter(), sort, 10)
    paged: list[Review] = []
    while page := await services.reviews.page(
        Filter(), sort, 2, Position(paged[-1].score, paged[-1].id) if paged else None
    ):
        paged += page
    assert [review.id for review in paged] == [review.id for review in everything]
    assert len(paged) == await services.reviews.count(Filter()) == 5
    if sort == "score":
        assert [review.score for review in paged] == [0.9, 0.5, 0.5, None, None]
