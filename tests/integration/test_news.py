"""Feeds and articles in a real database, each step also a second time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from memory import news
from memory.db import Database, Memory
from memory.models import Article, Feed, Tenant
from memory.news import NewArticle

Clock = Callable[[], datetime]

URL = "https://example.com/rss"
FIRST = NewArticle(
    fingerprint="f1",
    url="https://example.com/1",
    title="Яндекс купил стартап",
    text="Сумма не названа.",
    lang="ru",
    published_at=datetime(2026, 1, 2, tzinfo=UTC),
)
SECOND = NewArticle(fingerprint="f2", url=None, title="Ещё", text="", lang=None, published_at=None)


@pytest.fixture
async def feed(memory: Memory, clock: Clock) -> Feed:
    return await memory.write(news.add_feed, id="feed-1", url=URL, now=clock())


async def test_a_feed_is_added_once(memory: Memory, clock: Clock, feed: Feed) -> None:
    again = await memory.write(news.add_feed, id="feed-2", url=URL, now=clock())
    assert (again.id, again.active, again.created_at) == ("feed-1", True, feed.created_at)
    assert [row.id for row in await memory.read(news.list_feeds)] == ["feed-1"]


async def test_feeds_are_listed_and_switched(memory: Memory, clock: Clock, feed: Feed) -> None:
    await memory.write(news.add_feed, id="feed-0", url=URL + "?2", now=clock())
    off = await memory.write(news.set_feed_active, "feed-1", False)
    assert off is not None and off.active is False
    assert [row.id for row in await memory.read(news.list_feeds)] == ["feed-1", "feed-0"]
    assert [row.id for row in await memory.read(news.list_feeds, active_only=True)] == ["feed-0"]
    await memory.write(news.set_feed_active, "feed-1", True)
    assert len(await memory.read(news.list_feeds, active_only=True)) == 2


async def test_an_unknown_feed_is_none(memory: Memory, clock: Clock) -> None:
    assert await memory.read(news.get_feed, "nothing") is None
    assert await memory.write(news.set_feed_active, "nothing", False) is None
    fetched: dict[str, Any] = {"etag": None, "last_modified": None, "title": None, "error": None}
    await memory.write(news.remember_fetch, "nothing", **fetched, now=clock())
    assert await memory.read(news.list_feeds) == []


async def test_a_failed_fetch_keeps_what_the_good_one_told(memory: Memory, clock: Clock, feed: Feed) -> None:
    good, bad = clock(), clock()
    await memory.write(
        news.remember_fetch, feed.id, etag='"1"', last_modified="Mon", title="Новости", error=None, now=good
    )
    await memory.write(
        news.remember_fetch, feed.id, etag=None, last_modified=None, title=None, error="timed out", now=bad
    )
    row = await memory.read(news.get_feed, feed.id)
    assert row is not None
    assert (row.etag, row.last_modified, row.title) == ('"1"', "Mon", "Новости")
    assert (row.last_error, row.last_fetched_at) == ("timed out", bad)


async def test_the_next_good_fetch_clears_the_error(memory: Memory, clock: Clock, feed: Feed) -> None:
    for error in ("timed out", None):
        await memory.write(
            news.remember_fetch, feed.id, etag=None, last_modified=None, title=None, error=error, now=clock()
        )
    row = await memory.read(news.get_feed, feed.id)
    assert row is not None and row.last_error is None


async def test_items_are_saved_whole_and_in_order(memory: Memory, clock: Clock, feed: Feed) -> None:
    now = clock()
    ids = await memory.write(news.save_items, feed.id, [SECOND, FIRST], now)
    rows = {row.id: row for row in await memory.read(news.unextracted, ids, 10)}
    assert [rows[id].title for id in ids] == ["Ещё", "Яндекс купил стартап"]
    saved = rows[ids[1]]
    assert (saved.feed_id, saved.fetched_at, saved.tenant_id) == (feed.id, now, "default")
    assert (saved.url, saved.text, saved.lang) == (FIRST.url, FIRST.text, FIRST.lang)
    assert saved.published_at == FIRST.published_at


async def test_saving_again_after_a_crash_gives_the_same_work(
    memory: Memory, clock: Clock, feed: Feed
) -> None:
    first, again = clock(), clock()
    ids = await memory.write(news.save_items, feed.id, [FIRST, SECOND, FIRST], first)
    assert await memory.write(news.save_items, feed.id, [FIRST, SECOND, FIRST], again) == ids
    rows = await memory.read(news.unextracted, None, 10)
    assert [(row.id in ids, row.fetched_at) for row in rows] == [(True, first), (True, first)]


async def test_only_what_is_new_is_work(memory: Memory, clock: Clock, feed: Feed) -> None:
    old = await memory.write(news.save_items, feed.id, [FIRST], clock())
    await memory.write(news.mark_extracted, old, clock())
    new = await memory.write(news.save_items, feed.id, [FIRST, SECOND], clock())
    assert len(new) == 1 and new != old
    assert await memory.write(news.save_items, feed.id, [], clock()) == []


async def test_the_same_article_in_two_feeds_is_one(memory: Memory, clock: Clock, feed: Feed) -> None:
    other = await memory.write(news.add_feed, id="feed-2", url=URL + "?2", now=clock())
    ids = await memory.write(news.save_items, feed.id, [FIRST], clock())
    assert await memory.write(news.save_items, other.id, [FIRST], clock()) == ids
    (row,) = await memory.read(news.unextracted, None, 10)
    assert row.feed_id == feed.id


async def test_waiting_articles_come_oldest_first_up_to_a_limit(
    memory: Memory, clock: Clock, feed: Feed
) -> None:
    items = [replace(SECOND, fingerprint=f"f{number}") for number in range(5)]
    ids = [(await memory.write(news.save_items, feed.id, [item], clock()))[0] for item in items]
    assert [row.id for row in await memory.read(news.unextracted, None, 3)] == ids[:3]
    assert [row.id for row in await memory.read(news.unextracted, [ids[4], ids[1]], 3)] == [ids[1], ids[4]]
    assert await memory.read(news.unextracted, [], 3) == []


async def test_marking_keeps_the_first_time(memory: Memory, clock: Clock, feed: Feed) -> None:
    first = clock()
    ids = await memory.write(news.save_items, feed.id, [FIRST], clock())
    await memory.write(news.mark_extracted, ids, first)
    await memory.write(news.mark_extracted, ids, clock())
    row = await memory.read(lambda session: session.get(Article, ids[0]))
    assert row is not None and row.extracted_at == first


async def test_a_tenant_sees_only_its_own_news(
    database: Database, memory: Memory, clock: Clock, feed: Feed
) -> None:
    await memory.write(lambda session: session.add(Tenant(id="other", name="Other")))
    other = Memory(database, "other")
    await memory.write(news.save_items, feed.id, [FIRST], clock())
    assert await other.read(news.get_feed, feed.id) is None
    assert await other.read(news.unextracted, None, 10) == []
    theirs = await other.write(news.add_feed, id="feed-9", url=URL, now=clock())
    assert theirs.id == "feed-9"
    assert [row.id for row in await memory.read(news.list_feeds)] == ["feed-1"]
