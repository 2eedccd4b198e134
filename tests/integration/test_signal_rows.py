"""Signals, mentions and evidence in the database: each thing once, each with the words that say it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, func, select

from memory import companies, dossier, signals
from memory.db import Database, Memory, TenantSession
from memory.models import Article, Evidence, Feed, Mention, Signal, Tenant
from memory.signals import Happening

from ..conftest import START
from ..fakes.rows import company

LATER = START + timedelta(hours=1)
QUOTE = "«Альфа» запустила сервис Бета-Чат."
LAUNCH = Happening(
    type="launch",
    company_id="alpha",
    object_name="Бета-Чат",
    object_company_id="beta",
    amount_rub=None,
    happened_on=date(2026, 11, 19),
    quote=QUOTE,
)
FUNDING = replace(
    LAUNCH, type="funding", object_name=None, object_company_id=None, amount_rub=3_000_000_000, quote="3 млрд"
)


@pytest.fixture
async def news(memory: Memory) -> Memory:
    await memory.write(add_rows)
    return memory


def add_rows(session: TenantSession) -> None:
    """Three companies and three articles, `a0` to `a2`."""
    session.add(Feed(id="feed", url="https://feed.test/rss", created_at=START))
    session.add_all([company(name) for name in ("alpha", "beta", "gamma")])
    session.flush()
    for at in range(3):
        id, url = f"a{at}", f"https://feed.test/{at}"
        text = f"Вчера. {QUOTE} 3 млрд"
        article = Article(
            id=id, feed_id="feed", fingerprint=id, url=url, title=f"Новость {at}", text=text, fetched_at=START
        )
        session.add(article)


def tell(session: TenantSession, article_id: str, *happenings: Happening) -> list[str]:
    article = session.exec(select(Article).where(Article.id == article_id)).one()
    return [signals.record_signal(session, article, happening, LATER) for happening in happenings]


def name(session: TenantSession, article_id: str, *company_ids: str) -> None:
    for company_id in company_ids:
        signals.record_mention(session, article_id, company_id, company_id.title())


def count(kind: type[SQLModel]) -> Callable[[TenantSession], int]:
    return lambda session: session.exec(select(func.count()).select_from(kind)).one()


async def test_one_thing_told_twice_is_one_signal_and_one_evidence(news: Memory) -> None:
    first = await news.write(tell, "a0", LAUNCH, LAUNCH)
    again = await news.write(tell, "a0", LAUNCH)
    assert set(first) == set(again) and len(set(first)) == 1
    assert await news.read(count(Signal)) == await news.read(count(Evidence)) == 1


async def test_another_article_type_quote_or_object_is_another_signal(news: Memory) -> None:
    others = [
        FUNDING,
        replace(LAUNCH, quote="запустила"),
        replace(LAUNCH, object_name="Чат"),
        replace(LAUNCH, company_id="beta"),
    ]
    ids = await news.write(tell, "a0", LAUNCH, *others)
    ids += await news.write(tell, "a1", LAUNCH)
    assert len(set(ids)) == await news.read(count(Signal)) == 6
    # One sentence says several things: it is quoted once.
    assert await news.read(count(Evidence)) == 4


async def test_a_signal_keeps_what_was_told_and_points_at_the_words(news: Memory) -> None:
    ids = await news.write(tell, "a1", LAUNCH, FUNDING)
    launch, funding = await news.read(signals.signals_by_ids, ids)
    assert (launch.type, launch.company_id, launch.article_id) == ("launch", "alpha", "a1")
    assert (launch.object_name, launch.object_company_id) == ("Бета-Чат", "beta")
    assert (launch.happened_on, launch.created_at, launch.amount_rub) == (date(2026, 11, 19), LATER, None)
    assert funding.amount_rub == 3_000_000_000
    [evidence] = await news.read(signals.evidence_by_ids, [launch.evidence_id])
    [article] = await news.read(lambda session: session.exec(select(Article).where(Article.id == "a1")).all())
    assert evidence.quote == QUOTE and evidence.quote in article.text
    assert (evidence.url, evidence.source_title) == ("https://feed.test/1", "Новость 1")
    assert (evidence.article_id, evidence.fetched_at) == ("a1", START)


async def test_evidence_may_name_its_source_otherwise(news: Memory) -> None:
    def quote(session: TenantSession) -> str:
        article = session.exec(select(Article).where(Article.id == "a0")).one()
        return signals.record_evidence(session, article, QUOTE, source_title="Лента")

    id = await news.write(quote)
    [evidence] = await news.read(signals.evidence_by_ids, [id])
    assert evidence.source_title == "Лента"


@pytest.mark.parametrize("wrong", [{"type": "rumour"}, {"amount_rub": -1}, {"company_id": "nobody"}])
async def test_a_signal_that_cannot_be_is_refused_whole(news: Memory, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        await news.write(tell, "a0", FUNDING, replace(LAUNCH, **wrong))
    assert await news.read(count(Signal)) == await news.read(count(Evidence)) == 0


async def test_ids_are_answered_in_their_order_without_repeats_or_strangers(news: Memory) -> None:
    a, b = await news.write(tell, "a0", LAUNCH, FUNDING)
    assert [row.id for row in await news.read(signals.signals_by_ids, [b, "none", a, b])] == [b, a]
    cited = {row.id: row.evidence_id for row in await news.read(signals.signals_by_ids, [a, b])}
    wanted = [cited[b], "none", cited[a]]
    assert [row.id for row in await news.read(signals.evidence_by_ids, wanted)] == [cited[b], cited[a]]


async def test_signals_of_a_company_are_those_on_either_side(news: Memory) -> None:
    [launch] = await news.write(tell, "a0", LAUNCH)
    [funding] = await news.write(tell, "a1", FUNDING)
    assert await seen(news, ["alpha"]) == {launch, funding}
    assert await seen(news, ["beta"]) == {launch}
    assert await seen(news, ["gamma"]) == await seen(news, []) == set()
    assert await seen(news, ["alpha"], ["a1", "a2"]) == {funding}
    assert await seen(news, ["alpha"], []) == set()


async def seen(memory: Memory, company_ids: list[str], article_ids: list[str] | None = None) -> set[str]:
    return {row.id for row in await memory.read(signals.signals_of, company_ids, article_ids=article_ids)}


async def test_the_newest_signal_comes_first(news: Memory) -> None:
    def store(session: TenantSession) -> list[str]:
        article = session.exec(select(Article).where(Article.id == "a0")).one()
        times = [START, START + timedelta(days=2), START + timedelta(days=1)]
        return [
            signals.record_signal(session, article, replace(FUNDING, quote=str(at)), now)
            for at, now in enumerate(times)
        ]

    old, new, middle = await news.write(store)
    assert [row.id for row in await news.read(signals.signals_of, ["alpha"])] == [new, middle, old]


async def test_the_first_words_that_named_a_company_stay(news: Memory) -> None:
    for surface in ("Альфой", "Альфа"):
        await news.write(signals.record_mention, "a0", "alpha", surface)
    [mention] = await news.read(lambda session: session.exec(select(Mention)).all())
    assert (mention.article_id, mention.company_id, mention.surface) == ("a0", "alpha", "Альфой")


async def test_mentions_are_found_by_article_and_by_company(news: Memory) -> None:
    await news.write(name, "a0", "alpha", "beta")
    await news.write(name, "a1", "beta")
    found = await news.read(signals.mentioned, ["a0", "a1", "a2"])
    assert {id: sorted(named) for id, named in found.items()} == {"a0": ["alpha", "beta"], "a1": ["beta"]}
    both = await news.read(signals.mentions_of, ["beta"], ["a0", "a1", "a2"])
    assert len(both) == 2 and both == sorted(both)
    assert set(await news.read(signals.mentions_of, ["beta"], ["a1"])) < set(both)
    assert await news.read(signals.mentions_of, ["gamma"], ["a0"]) == []


async def test_another_tenant_sees_none_of_it(news: Memory, database: Database) -> None:
    ids = await news.write(tell, "a0", LAUNCH)
    await news.write(name, "a0", "alpha", "beta")
    await news.write(lambda session: session.add(Tenant(id="other", name="Other")))
    other = Memory(database, "other")
    assert await other.read(signals.signals_by_ids, ids) == []
    assert await other.read(signals.signals_of, ["alpha"]) == []
    assert await other.read(signals.mentioned, ["a0"]) == {}
    assert await other.read(dossier.of_company, "alpha") is None


async def test_a_dossier_shows_the_newest_signals_with_their_words(news: Memory) -> None:
    def store(session: TenantSession) -> list[str]:
        article = session.exec(select(Article).where(Article.id == "a0")).one()
        return [
            signals.record_signal(
                session, article, replace(FUNDING, quote=f"№ {at}"), START + timedelta(minutes=at)
            )
            for at in range(dossier.SHOWN + 2)
        ]

    ids = await news.write(store)
    shown = await news.read(dossier.of_company, "alpha")
    assert shown is not None
    assert [signal.id for signal in shown.signals] == ids[:1:-1]
    quotes = [shown.evidence[signal.evidence_id].quote for signal in shown.signals]
    assert quotes[0] == f"№ {dossier.SHOWN + 1}" and quotes[-1] == "№ 2"
    assert len(shown.evidence) == dossier.SHOWN


async def test_a_deleted_company_has_no_dossier_and_its_signals_stay(news: Memory) -> None:
    ids = await news.write(tell, "a0", LAUNCH)
    await news.write(companies.soft_delete, "alpha", LATER)
    assert await news.read(dossier.of_company, "alpha") is None
    assert [row.id for row in await news.read(signals.signals_by_ids, ids)] == ids
