"""What an article says: the companies it names and what happened to them. Pure code on visible text, so
nothing in the text can instruct it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from . import clauses, signals
from .gazetteer import Gazetteer, Known
from .ner import ENOUGH, POINTS, Bearer, bearers
from .page import Page, Span
from .tagger import Tagger, natasha

_INN = re.compile(r"[»\"”]?[\s,(]*ИНН[\s:№]*(\d{10}(?:\d{2})?)\b")


@dataclass(frozen=True)
class Mention:
    """`surface` is text[start:stop], in `sentence`; `name` the company's usual name; `known` its entry when a
    list has it; `inn` the number that the text gives right after the name, as printed.
    """

    surface: str
    start: int
    stop: int
    name: str
    sentence: str
    known: Known | None = None
    inn: str | None = None


@dataclass(frozen=True)
class Event:
    """`subject` and, where it is a company, `object` are names of mentions. `amount_rub`: whole roubles.

    `quote` stands in the text word for word.
    """

    type: str
    subject: str
    object: str | None
    amount_rub: int | None
    day: date | None
    quote: str


@dataclass(frozen=True)
class Extraction:
    mentions: tuple[Mention, ...] = ()
    events: tuple[Event, ...] = ()


def extract(
    text: str,
    gazetteer: Gazetteer,
    *,
    title: str = "",
    published: date | None = None,
    tagger: Tagger = natasha,
) -> Extraction:
    """Read visible `text`; the title only helps to understand it, nothing is quoted from there."""
    page = Page(f"{title}\n{text}")
    start = len(title) + 1
    tagged = tagger(page.readable)
    named = bearers(page, gazetteer, tagged)
    said = clauses.lines(page, named, tagged)
    heading = next((line for line in said if line.start < start), None)
    body = [line for line in said if line.start >= start]
    found = signals.find(page, body, published, title=heading)
    companies = {bearer.name: bearer for bearer in named if bearer.is_company or _acts(bearer, found)}
    events = tuple(_event(page, event) for event in found if event.subject.name in companies)
    return Extraction(tuple(mentions(page, companies.values(), start)), events)


def organisations(text: str, gazetteer: Gazetteer, tagger: Tagger = natasha) -> list[Span]:
    """Every organisation, authorities and media too: what news NER is usually judged by."""
    page = Page(text)
    tagged = tagger(text)
    named = bearers(page, gazetteer, tagged)
    spans = [span for bearer in named if _is_organisation(bearer) for span in bearer.spans]
    rest = [span for span in tagged if span.kind == "ORG" and not any(span.overlaps(one) for one in spans)]
    return sorted([*spans, *(Span(span.start, span.stop) for span in rest)], key=lambda span: span.start)


def _acts(bearer: Bearer, found: list[signals.Found]) -> bool:
    """An unknown name that buys, raises or agrees is a company, unless it is a common word."""
    if bearer.known or ("common" in bearer.cues and not bearer.cues & {"company", "service", "legal"}):
        return False
    sides = {event.subject.name for event in found}
    sides |= {event.side.name for event in found if isinstance(event.side, Bearer)}
    return bearer.name in sides and bearer.points + POINTS["role"] >= ENOUGH


def _event(page: Page, event: signals.Found) -> Event:
    return Event(
        type=event.type,
        subject=event.subject.name,
        object=event.object,
        amount_rub=event.amount_rub,
        day=event.day,
        quote=page.text[event.start : event.stop],
    )


def mentions(page: Page, companies: Iterable[Bearer], start: int) -> list[Mention]:
    """Every place from `start` on that names one of the companies, counted from there."""
    found = [
        _mention(page, one, span, start) for one in companies for span in one.spans if span.start >= start
    ]
    return sorted(found, key=lambda mention: mention.start)


def _mention(page: Page, bearer: Bearer, span: Span, start: int) -> Mention:
    sentence = page.sentence_at(span.start)
    inn = _INN.match(page.text, span.stop)
    return Mention(
        surface=page.text[span.start : span.stop],
        start=span.start - start,
        stop=span.stop - start,
        name=bearer.name,
        sentence=page.text[sentence.start : sentence.stop] if sentence else "",
        known=bearer.known,
        inn=inn[1] if inn else None,
    )


def _is_organisation(bearer: Bearer) -> bool:
    kinds = ("company", "media", "government", "venue")
    return bearer.known.kind in kinds if bearer.known else bearer.points >= ENOUGH
