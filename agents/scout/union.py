"""What rules and a model found in one article: all of the rules' reading, and what the model's adds.

Why so. The rules' precision is measured (0.96 for companies, evals.extraction), a model's here is not, and
what it says the article may have told it to say. So a model takes nothing away and changes nothing: an
instruction to be silent, or to name another price, silences nobody and changes no price. It may only add what
support.py holds against the text: events that the rules did not find, with the companies in them. Of the same
sides the rules' telling stands, and what their finding in a sentence hides from themselves it hides from the
model. Where both say a thing, the record says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import structlog

from memory.companies import KnownCompany
from memory.models import RULES, Article

from .asked import Said
from .gazetteer import Gazetteer, Known
from .lexicon import gazetteer
from .reading import page_of, published_on, told
from .signals import HIDES, Sides, same
from .state import ArticleData, EventData, SpotData
from .support import supported

log = structlog.get_logger()

Read = TypeVar("Read", SpotData, EventData)


def united(
    articles: Sequence[Article],
    rules: Sequence[ArticleData],
    answers: Mapping[str, Said],
    known: Sequence[KnownCompany],
) -> list[ArticleData]:
    """The articles as the rules read them, each with what its answer adds."""
    names = gazetteer(known)
    return [
        _survive(article, read, answers[article.id], names) if article.id in answers else read
        for article, read in zip(articles, rules, strict=True)
    ]


def _survive(article: Article, rules: ArticleData, said: Said, names: Gazetteer) -> ArticleData:
    # As in reading.py: no article may stop a run, and the rules have read this one.
    try:
        return _united(rules, _supported(article, rules, said, names), said.by)
    except Exception:
        log.exception("answer not understood", article_id=article.id, by=said.by)
        return rules


def _supported(article: Article, rules: ArticleData, said: Said, names: Gazetteer) -> ArticleData:
    listed = (Gazetteer(map(_known, rules["spots"])), names)
    start, published = len(article.title) + 1, published_on(article)
    held = supported(page_of(article), said.answer, listed, start=start, published=published)
    return told(article.id, held, said.by)


def _known(spot: SpotData) -> Known:
    return Known(spot["name"], (*spot["names"], spot["surface"]), spot["domain"], spot["company_id"])


def _united(rules: ArticleData, model: ArticleData, by: str) -> ArticleData:
    own, named = rules["events"], {spot["name"] for spot in rules["spots"]}
    agreed = {spot["name"] for spot in model["spots"]}
    events = [_by_both(it, by) if any(_same(it, one) for one in model["events"]) else it for it in own]
    events += [it for it in model["events"] if not any(_same(it, one) or _hidden(it, one) for one in own)]
    acting = {name for event in events for name in (event["subject"], event["object"])}
    spots = [_by_both(spot, by) if spot["name"] in agreed else spot for spot in rules["spots"]]
    spots += [spot for spot in model["spots"] if spot["name"] in acting - named]
    return {"article_id": rules["article_id"], "spots": spots, "events": events}


def _by_both(said: Read, by: str) -> Read:
    return {**said, "read_by": f"{RULES}; {by}"}


def _same(one: EventData, other: EventData) -> bool:
    return same(_sides(one), _sides(other))


def _sides(event: EventData) -> Sides:
    return event["type"], event["subject"], event["object"]


def _hidden(event: EventData, own: EventData) -> bool:
    together = event["subject"] == own["subject"] and own["quote"] in event["quote"]
    return together and own["type"] in HIDES.get(event["type"], ())
