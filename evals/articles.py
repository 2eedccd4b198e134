"""Articles that come by a feed and go through the scout's nodes, as in production."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from html import escape
from typing import Any

from langgraph.runtime import Runtime
from pydantic import BaseModel
from sqlmodel import col, select

from agents.scout.nodes import extract, fetch, resolve
from graphs.runtime.services import Services
from memory import news
from memory.db import TenantSession
from memory.models import Company, Evidence, Mention, Signal

from .nodes import Nodes

Fact = tuple[str, ...]

_ITEM = """<item><title>{title}</title><link>{url}</link><guid>{guid}</guid>{published}
<description>{html}</description></item>"""
_FEED = '<rss version="2.0"><channel><title>Новости</title>{items}</channel></rss>'


class Article(BaseModel, frozen=True, extra="forbid"):
    """As a feed has it: `html` is its markup, `published` its day in UTC."""

    title: str
    html: str
    url: str = "https://news.invalid/1"
    published: date | None = None


async def scout(artel: Services | Nodes, articles: Sequence[Article]) -> dict[str, Any]:
    """The state of a scout that has put the articles on record."""
    state: Any = await _fetched(artel, articles)
    for node in (extract, resolve):
        command: Any = await node(state, Runtime(context=artel.context))
        state |= command.update
    found: dict[str, Any] = state
    return found


async def follow_feed(artel: Services | Nodes, articles: Sequence[Article]) -> str:
    """The id of a feed with these articles."""
    path = artel.settings.data_dir / f"{artel.memory.tenant}.xml"
    path.write_text(_FEED.format(items="".join(map(_item, articles))), "utf-8")
    id = f"articles-{artel.memory.tenant}"
    return (await artel.memory.write(news.add_feed, id=id, url=path.as_uri(), now=artel.clock())).id


async def _fetched(artel: Services | Nodes, articles: Sequence[Article]) -> dict[str, Any]:
    state: dict[str, Any] = {"feed_ids": [await follow_feed(artel, articles)], "thread_id": "thread"}
    command = await fetch(state, Runtime(context=artel.context))  # type: ignore[arg-type]
    return state | dict(command.update or {})


def _item(article: Article) -> str:
    at = datetime.combine(article.published, time(9), UTC) if article.published else None
    published = f"<pubDate>{format_datetime(at)}</pubDate>" if at else ""
    told = {"title": article.title, "html": article.html, "url": article.url, "guid": article.title}
    return _ITEM.format(published=published, **{name: escape(text) for name, text in told.items()})


def record(session: TenantSession) -> set[Fact]:
    """All that the record has of articles: who is named by which words, and what happened."""
    names: Mapping[str | None, str] = {row.id: row.name for row in session.exec(select(Company))}
    quotes = {row.id: row.quote for row in session.exec(select(Evidence).order_by(col(Evidence.id)))}
    named = {("named", names[it.company_id], it.surface) for it in session.exec(select(Mention))}
    told = {
        (it.type, names[it.company_id], it.object_name or "", str(it.amount_rub), quotes[it.evidence_id])
        for it in session.exec(select(Signal))
    }
    return {*named, *told}
