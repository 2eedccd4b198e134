"""Partnership rows: one a pair however often it is scored, paged by score, and what is not to be proposed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from memory import partnerships
from memory.db import Database, Memory, TenantSession
from memory.models import Partnership, Review, Run
from memory.partnerships import Scored
from tests.fakes.pairs import signal
from tests.fakes.postgres import fresh_database
from tests.fakes.rows import NOW, company

LATER = NOW + timedelta(hours=1)
SCORED = Scored(
    "a", "b", 0.7, 0.3, [{"name": "size", "weight": 0.15, "value": None}], ["рядом"], ["чаты"], "m/1"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def memory(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    with fresh_database(request.param, request, tmp_path_factory.mktemp("pairs")) as url:
        database = Database(url)
        yield Memory(database)
        database.close()


@pytest.fixture
async def companies(memory: Memory) -> None:
    await memory.write(lambda session: session.add_all([company(name) for name in "abcdef"]))


def _rows(session: TenantSession) -> list[Partnership]:
    return list(partnerships.list_page(session))


@pytest.mark.usefixtures("companies")
async def test_scoring_a_pair_again_keeps_its_row_and_how_far_it_came(memory: Memory) -> None:
    first = await memory.write(partnerships.upsert_scored, SCORED, NOW)
    await memory.write(partnerships.set_status, first.id, "contacted", "ждём ответа", NOW)
    again = await memory.write(partnerships.upsert_scored, replace(SCORED, score=None, confidence=0.0), LATER)
    assert [it.id for it in await memory.read(_rows)] == [first.id] == [again.id]
    assert (again.score, again.status, again.status_reason) == (None, "contacted", "ждём ответа")
    assert (again.created_at, again.updated_at) == (NOW, LATER)
    assert again.reasons == ["рядом"]


@pytest.mark.usefixtures("companies")
async def test_the_same_score_twice_changes_nothing(memory: Memory) -> None:
    await memory.write(partnerships.upsert_scored, SCORED, NOW)
    again = await memory.write(partnerships.upsert_scored, SCORED, LATER)
    assert again.updated_at == NOW


@pytest.mark.usefixtures("companies")
async def test_a_pair_is_found_in_either_order(memory: Memory) -> None:
    row = await memory.write(partnerships.upsert_scored, SCORED, NOW)
    found = await memory.read(partnerships.by_pair, "b", "a")
    assert found is not None and found.id == row.id == partnerships.row_id("b", "a")
    assert await memory.read(partnerships.by_pair, "a", "c") is None
    assert await memory.read(partnerships.get, "nothing") is None


@pytest.mark.usefixtures("companies")
async def test_pages_follow_the_score_and_the_unknown_come_last(memory: Memory) -> None:
    scores = {"b": 0.5, "c": None, "d": 0.9, "e": 0.5, "f": None}
    for other, score in scores.items():
        await memory.write(partnerships.upsert_scored, replace(SCORED, company_b_id=other, score=score), NOW)
    seen, after = [], None
    while page := await memory.read(partnerships.list_page, limit=2, after=after):
        seen += page
        after = page[-1].id
    assert [it.score for it in seen] == [0.9, 0.5, 0.5, None, None]
    assert len({it.id for it in seen}) == 5
    good = await memory.read(partnerships.list_page, min_score=0.6)
    assert [it.company_b_id for it in good] == ["d"]


@pytest.mark.usefixtures("companies")
async def test_listing_by_status(memory: Memory) -> None:
    row = await memory.write(partnerships.upsert_scored, SCORED, NOW)
    await memory.write(partnerships.upsert_scored, replace(SCORED, company_b_id="c"), NOW)
    await memory.write(partnerships.set_status, row.id, "rejected", "конкурент", LATER)
    assert [it.id for it in await memory.read(partnerships.list_page, status="rejected")] == [row.id]
    assert await memory.write(partnerships.set_status, "nothing", "rejected", None, LATER) is None


@pytest.mark.usefixtures("companies")
async def test_pairs_in_work_or_waiting_for_a_person_are_taken(memory: Memory) -> None:
    ids = {}
    for other in "bcd":
        row = await memory.write(partnerships.upsert_scored, replace(SCORED, company_b_id=other), NOW)
        ids[other] = row.id
    await memory.write(partnerships.set_status, ids["b"], "active", None, NOW)

    def ask(session: TenantSession) -> None:
        session.add(Run(id="r", thread_id="t", graph="partnership", trigger="run", created_at=NOW))
        session.flush()
        review = {"id": "v", "run_id": "r", "thread_id": "t", "interrupt_id": "i", "title": "Письмо"}
        session.add(Review(kind="outreach", partnership_id=ids["c"], created_at=NOW, **review))

    await memory.write(ask)
    assert await memory.read(partnerships.taken_pairs) == {("a", "b"), ("a", "c")}


@pytest.mark.usefixtures("companies")
async def test_pairs_that_an_article_calls_together(memory: Memory) -> None:
    def tell(session: TenantSession) -> None:
        signal(session, "b", "integration", known_at=NOW, object_company_id="a")
        signal(session, "c", "launch", known_at=NOW, object_company_id="a")
        signal(session, "d", "acquisition", known_at=NOW, object_name="Кто-то")

    await memory.write(tell)
    assert await memory.read(partnerships.announced_pairs) == {("a", "b")}


async def test_listings_leave_out_deleted_companies(memory: Memory) -> None:
    alive = company("a", industry="CRM", integrations=["b"])
    await memory.write(lambda session: session.add_all([alive, company("b", deleted_at=NOW)]))
    listed = await memory.read(partnerships.listings)
    assert [(it.id, it.name, it.name_key, it.industry, it.integrations) for it in listed] == [
        ("a", "a", "a", "CRM", ("b",))
    ]
