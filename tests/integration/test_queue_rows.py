"""The list of the queue and its search on both databases: few are looked up, many are met in the order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from memory import queue, reviews, search
from memory.db import Database, Memory, TenantSession
from memory.people import ensure_tenant
from memory.queue import Row
from memory.reviews import Filter, Sort
from memory.schema import upgrade
from tests.bench.letters import fill, letters
from tests.fakes.rows import NOW

MANY = 60
SORTS: Sequence[Sort] = ("score", "newest", "oldest")


@pytest_asyncio.fixture
async def database(empty_database: str) -> AsyncIterator[Database]:
    upgrade(empty_database)
    database = Database(empty_database)
    await fill(Memory(database), MANY)
    yield database
    database.close()


@pytest.fixture(params=[2_000, 0], ids=["few", "many"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "FEW", request.param)


async def found(memory: Memory, filter: Filter, sort: Sort = "score", limit: int = MANY) -> list[str]:
    def every(session: TenantSession) -> list[Row]:
        rows: list[Row] = []
        while (page := queue.page(session, filter, sort, limit, rows[-1].position if rows else None))[0]:
            rows += page[0]
            assert page[1] == queue.count(session, filter)
        assert len(rows) == queue.count(session, filter)
        return rows

    return [row.id for row in await memory.read(every)]


@pytest.mark.usefixtures("few")
async def test_words_are_found_in_any_form_unfinished_and_together(database: Database) -> None:
    memory, all = Memory(database), list(letters(MANY))
    for asked, is_it in (
        ("дп10", lambda it: it.number == 10),
        ("ИНТЕГРАЦИЕЙ", lambda it: "интеграци" in f"{it.subject} {it.body}".lower()),
        ("совместные вебинары", lambda it: "совместный вебинар" in it.subject),
        ("вебин", lambda it: "вебинар" in f"{it.subject} {it.body}".lower()),
        ("альфа тариф", lambda it: "Альфа" in it.title and "тариф" in it.subject),
        ("ыыы", lambda it: False),
    ):
        expected = {it.id("r") for it in all if is_it(it)}
        for sort in SORTS:
            assert set(await found(memory, Filter(text=asked), sort)) == expected, (asked, sort)
    beginning = [
        it
        for it in all
        if any(stem.startswith("ве") for stem in search.stems(f"{it.title} {it.subject} {it.body}"))
    ]
    assert len(await found(memory, Filter(text="ве"))) == len(beginning) > 0


@pytest.mark.usefixtures("few")
async def test_pages_follow_each_other_in_every_order(database: Database) -> None:
    memory = Memory(database)
    for text in (None, "альфа"):
        for sort in SORTS:
            whole = await found(memory, Filter(text=text), sort)
            assert await found(memory, Filter(text=text), sort, 7) == whole
            assert len(set(whole)) == len(whole)
            plain = await memory.read(reviews.page, Filter(text=text), sort, MANY)
            assert [review.id for review in plain] == whole


@pytest.mark.usefixtures("few")
async def test_search_knows_the_filter_the_status_and_the_tenant(database: Database) -> None:
    memory = Memory(database)
    await memory.write(reviews.close, "r-000010", NOW)
    for status, expected in (("pending", []), ("decided", ["r-000010"]), (None, ["r-000010"])):
        assert await found(memory, Filter(status, text="дп10")) == expected
    await memory.write(reviews.reopen, "r-000010")
    assert await found(memory, Filter(text="дп10")) == ["r-000010"]
    assert await found(memory, Filter("decided", text="дп10")) == []
    for lang in ("ru", "en"):
        expected_ids = {it.id("r") for it in letters(MANY) if it.lang == lang and "Альфа" in it.title}
        assert set(await found(memory, Filter(lang=lang, text="альфа"))) == expected_ids
    assert await found(memory, Filter(lang='e" OR "альф', text="альфа")) == []
    await memory.write(ensure_tenant, "other")
    assert await found(Memory(database, "other"), Filter(text="альфа")) == []
    assert await found(Memory(database, "other"), Filter()) == []


async def test_a_row_fits_what_it_is_found_by(database: Database) -> None:
    memory = Memory(database)
    for filter, expected in (
        (Filter(), True),
        (Filter("decided"), False),
        (Filter(text="дп10"), True),
        (Filter(text="дп20"), False),
    ):
        assert await memory.read(queue.fits, "r-000010", filter) is expected
    other = Memory(database, "other")
    assert await other.read(queue.row, "r-000010") is None
    assert await other.read(queue.fits, "r-000010", Filter()) is False
    assert (await memory.read(queue.row, "r-000010")) is not None


def test_a_word_has_no_more_letters_than_a_database_takes() -> None:
    [stem] = search.stems("щ" * 5_000)
    assert len(stem) <= search.LONGEST
