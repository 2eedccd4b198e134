"""The scout reads a labelled article as in production, markup out and with the bundled lists of names."""

from __future__ import annotations

from datetime import date
from functools import cache

from agents.scout.extraction import Extraction, extract
from agents.scout.lexicon import gazetteer
from tools.articles import visible_text

from ..evaluation import Eval
from ..metric import f1, precision, recall
from ..scorers.extraction import NewsCase, score
from ..world import World

NAMES = cache(lambda: gazetteer(()))


async def read(case: NewsCase, world: World) -> Extraction:
    published = date.fromisoformat(case.published) if case.published else None
    return extract(visible_text(case.text), NAMES(), title=case.title, published=published)


EVAL = Eval(
    about={"ru": "Скаут читает новости", "en": "The scout reads news"},
    data="news/news_dev.jsonl",
    schema=NewsCase,
    run=read,
    score=score,
    metrics=(
        precision("companies", goal=0.90, drop=0.02),
        recall("companies", goal=0.80, drop=0.02),
        f1("events", goal=0.80, drop=0.02),
        f1("amounts", goal=0.80, drop=0.02),
    ),
)
