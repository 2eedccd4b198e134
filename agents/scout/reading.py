"""Articles into the plain values that a run's state keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import structlog

from memory.companies import KnownCompany
from memory.models import RULES, Article
from memory.names import domain_in

from .extraction import Event, Extraction, Mention, extract
from .gazetteer import Gazetteer
from .lexicon import gazetteer
from .page import Page
from .state import ArticleData, EventData, SpotData
from .tagger import Tagger, natasha

log = structlog.get_logger()

# An article is a page, not a book: what stands further down is cut.
LONGEST = 20_000


def read(
    articles: Sequence[Article], known: Sequence[KnownCompany], tagger: Tagger = natasha
) -> list[ArticleData]:
    """What each of the articles says, with the companies we know among the names to look for."""
    names = gazetteer(known)
    return [_survive(article, names, tagger) for article in articles]


def _survive(article: Article, names: Gazetteer, tagger: Tagger) -> ArticleData:
    # An article that breaks a reader would break every later run too, for it would wait for ever.
    try:
        return _read(article, names, tagger)
    except Exception:
        log.exception("article not understood", article_id=article.id, url=article.url)
        return {"article_id": article.id, "spots": [], "events": []}


def _read(article: Article, names: Gazetteer, tagger: Tagger) -> ArticleData:
    published = published_on(article)
    said = extract(article.text[:LONGEST], names, title=article.title, published=published, tagger=tagger)
    return told(article.id, said, RULES)


def page_of(article: Article) -> Page:
    """The page that `read` reads: the title, and from the next line on as much of the text."""
    return Page(f"{article.title}\n{article.text[:LONGEST]}")


def published_on(article: Article) -> date | None:
    return article.published_at.date() if article.published_at else None


def told(article_id: str, said: Extraction, read_by: str) -> ArticleData:
    """What was read in an article, and by whom, as plain values."""
    events = [_event(event, read_by) for event in said.events]
    return {"article_id": article_id, "spots": _spots(said, read_by), "events": events}


def _spots(said: Extraction, read_by: str) -> list[SpotData]:
    """The first mention of each company, with the number that any mention gives."""
    spots: dict[str, SpotData] = {}
    for mention in said.mentions:
        spot = spots.setdefault(mention.name, _spot(mention, read_by))
        spot["inn"] = spot["inn"] or mention.inn
    return list(spots.values())


def _spot(mention: Mention, read_by: str) -> SpotData:
    known = mention.known
    aliases = [alias.strip("«»") for alias in known.aliases] if known else []
    return {
        "name": mention.name,
        "names": list(dict.fromkeys([mention.name, *aliases])),
        "surface": mention.surface,
        "sentence": mention.sentence,
        "inn": mention.inn,
        "domain": known.domain if known else domain_in(mention.name),
        "company_id": known.company_id if known else None,
        "read_by": read_by,
    }


def _event(event: Event, read_by: str) -> EventData:
    return {
        "type": event.type,
        "subject": event.subject,
        "object": event.object,
        "amount_rub": event.amount_rub,
        "day": event.day.isoformat() if event.day else None,
        "quote": event.quote,
        "read_by": read_by,
    }
