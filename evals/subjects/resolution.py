"""Mentions one after another, each in an article of its own, as the scout writes them down."""

from __future__ import annotations

from collections.abc import Sequence

from agents.scout.recording import record
from agents.scout.state import ArticleData
from memory import news
from memory.db import TenantSession
from memory.imports import import_rows
from memory.news import NewArticle

from ..scorers.resolution import Named, ResolutionCase
from ..world import START, World


async def resolve(case: ResolutionCase, world: World) -> Sequence[str | None]:
    """The id of the company that each mention was taken for."""
    async with world.artel() as artel:
        return await artel.memory.write(_recorded, case)


def _recorded(session: TenantSession, case: ResolutionCase) -> list[str | None]:
    import_rows(session, case.known, source="csv:eval", now=START)
    news.add_feed(session, id="feed", url="https://feed.invalid/rss", now=START)
    return [_taken_for(session, str(place), it) for place, it in enumerate(case.mentions)]


def _taken_for(session: TenantSession, place: str, mention: Named) -> str | None:
    row = NewArticle(place, None, f"Новость {place}", f"{mention.name}.", "ru", None)
    [id] = news.save_items(session, "feed", [row], START)
    named, _ = record(session, [_said(id, mention)], START)
    return named[0] if named else None


def _said(article_id: str, mention: Named) -> ArticleData:
    return {
        "article_id": article_id,
        "spots": [
            {
                "name": mention.name,
                "names": mention.names or [mention.name],
                "surface": mention.name,
                "sentence": f"{mention.name}.",
                "inn": mention.inn,
                "domain": mention.domain,
                "company_id": None,
            }
        ],
        "events": [],
    }
