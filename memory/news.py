"""Feeds and articles in the database. Repeating any of these after a crash changes nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import col, select, update

from .db import TenantSession
from .ids import derived
from .models import Article, Feed
from .rows import insert_missing


@dataclass(frozen=True)
class NewArticle:
    """An item as a feed gave it: visible text only, `fingerprint` from its address and text."""

    fingerprint: str
    url: str | None
    title: str
    text: str
    lang: str | None
    published_at: datetime | None


def add_feed(session: TenantSession, *, id: str, url: str, now: datetime) -> Feed:
    """The feed at `url`: the one that is there, else a new one with this id."""
    row = {"id": id, "url": url, "active": True, "created_at": now}
    insert_missing(session, Feed, [row])
    return session.exec(select(Feed).where(Feed.url == url)).one()


def list_feeds(session: TenantSession, active_only: bool = False) -> Sequence[Feed]:
    query = select(Feed).order_by(col(Feed.created_at), col(Feed.id))
    return session.exec(query.where(col(Feed.active)) if active_only else query).all()


def get_feed(session: TenantSession, feed_id: str) -> Feed | None:
    return session.exec(select(Feed).where(Feed.id == feed_id)).first()


def set_feed_active(session: TenantSession, feed_id: str, active: bool) -> Feed | None:
    """Switch a feed on or off; None when there is no such feed."""
    feed = get_feed(session, feed_id)
    if feed is not None:
        feed.active = active
        session.flush()
    return feed


def remember_fetch(
    session: TenantSession,
    feed_id: str,
    *,
    etag: str | None,
    last_modified: str | None,
    title: str | None,
    error: str | None,
    now: datetime,
) -> None:
    """Note what the last fetch told; after an error the validators and title of the last good one stay."""
    feed = get_feed(session, feed_id)
    if feed is None:
        return
    if error is None:
        feed.etag, feed.last_modified, feed.title = etag, last_modified, title or feed.title
    feed.last_error, feed.last_fetched_at = error, now
    session.flush()


def save_items(session: TenantSession, feed_id: str, items: Sequence[NewArticle], now: datetime) -> list[str]:
    """Save the items that are not there yet; the ids, in order, of those still waiting for extraction.

    An article that was saved before a crash and not extracted is among them again.
    """
    rows = {derived("article", session.info["tenant"], item.fingerprint): asdict(item) for item in items}
    common = {"feed_id": feed_id, "fetched_at": now}
    insert_missing(session, Article, [{"id": id, **common, **row} for id, row in rows.items()])
    waiting = {article.id for article in unextracted(session, list(rows), len(rows))}
    return [id for id in rows if id in waiting]


def unextracted(session: TenantSession, ids: Sequence[str] | None, limit: int) -> Sequence[Article]:
    """Articles nobody has extracted yet, the oldest first: of these ids, or of all when `ids` is None."""
    query = select(Article).where(col(Article.extracted_at).is_(None))
    if ids is not None:
        query = query.where(col(Article.id).in_(ids))
    return session.exec(query.order_by(col(Article.fetched_at), col(Article.id)).limit(limit)).all()


def mark_extracted(session: TenantSession, ids: Sequence[str], now: datetime) -> None:
    """Note that these articles are done; the time of the first call stays."""
    waiting = (col(Article.id).in_(ids), col(Article.extracted_at).is_(None))
    session.exec(update(Article).where(*waiting).values(extracted_at=now))
