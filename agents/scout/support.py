"""What of a model's answer the article itself supports. The rest is dropped, whatever made the model say it.

A name, an amount, a date and a quote stand in what the article says to its readers, word for word but for
case, spacing, kinds of quotation marks and ё. The sentences of the quote carry the whole event: they name its
sides, hold its amount and date, and have a word for an event of its type that they assert. An event of which
any part fails is dropped whole, for nobody can say which part of it to believe. What is kept is written in
the article's words, and numbers and days are read from those by the rules.

It cannot tell a false statement to readers from a true one, nor always who of two sides in one sentence did
it: such a thing stands in the record with its evidence, like every other statement of a source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from memory.models import SignalType

from . import clauses, stance
from .answer import Answer, NamedCompany, ToldEvent
from .clauses import Line
from .dates import days, event_day
from .extraction import Event, Extraction, mentions
from .gazetteer import Gazetteer, Hit, Known
from .money import amounts
from .ner import Bearer, same_name
from .page import Page, Span
from .signals import PRICED
from .tells import may_buy, tells
from .wording import bare, place_of


class _Unsaid(Exception):
    """The article does not say this."""


def supported(
    page: Page, answer: Answer, listed: Iterable[Gazetteer], *, start: int, published: date | None
) -> Extraction:
    """The events that hold, and the companies in them: no text says that something is a company.

    `start`: where the page's body begins, for nothing is quoted from its title. A name that one of the
    gazetteers finds at the same place is that one's, whatever the model calls it.
    """
    held = _Held(page, start, published, _companies(page, answer.companies, listed))
    events = tuple(event for told in answer.events if (event := held.event(told)) is not None)
    acting = {name for event in events for name in (event.subject, event.object)}
    companies = {it.name: it for it in held.companies.values() if it.name in acting}
    return Extraction(tuple(mentions(page, companies.values(), start)), events)


@dataclass(frozen=True)
class _Held:
    """A page against which events are held. companies: by every name that the answer has for them."""

    page: Page
    start: int
    published: date | None
    companies: dict[str, Bearer]

    def event(self, told: ToldEvent) -> Event | None:
        try:
            return self._event(told)
        except _Unsaid:
            return None

    def _event(self, told: ToldEvent) -> Event:
        """Errors: _Unsaid."""
        quote = self._quote(told.quote)
        text = self.page.text[quote.start : quote.stop]
        subject = self._company(told.subject, quote)
        other = self._object(told, quote)
        if subject is None or subject.name == other or (told.type == "acquisition" and other is None):
            raise _Unsaid
        self._check_type(told.type, quote)
        self._check_buyer(told, quote)
        return Event(
            type=told.type,
            subject=subject.name,
            object=other,
            amount_rub=_roubles(told, text),
            day=self._day(told, text),
            quote=text,
        )

    def _quote(self, quote: str) -> Span:
        """The sentences in which the quote stands: half of a sentence may say the contrary of the whole."""
        place = _stood(quote, self.page.readable, self.start)
        inside = [it for it in self.page.sentences if it.start >= self.start and it.overlaps(place)]
        if not inside:
            raise _Unsaid
        return Span(inside[0].start, inside[-1].stop)

    def _company(self, name: str, quote: Span) -> Bearer | None:
        bearer = self.companies.get(name)
        return bearer if bearer and any(quote.holds(span) for span in bearer.spans) else None

    def _object(self, told: ToldEvent, quote: Span) -> str | None:
        if not told.object.strip():
            return None
        if told.object in self.companies:
            bearer = self._company(told.object, quote)
            if bearer is None:
                raise _Unsaid
            return bearer.name
        # A form of the words is theirs: «Софья Квашилава» for «Софье Квашилавой».
        name = bare(told.object)
        if not any(quote.holds(hit) for hit in Gazetteer([Known(name)]).find(self.page)):
            _stood(name, self.page.text[quote.start : quote.stop])
        return name

    def _check_type(self, type: SignalType, quote: Span) -> None:
        if type in self._denied:
            raise _Unsaid
        if not any(tells(line, type) for line in self._lines if quote.holds(line)):
            raise _Unsaid

    def _check_buyer(self, told: ToldEvent, quote: Span) -> None:
        sides = [it for name in (told.subject, told.object) if (it := self._company(name, quote)) is not None]
        if told.type == "acquisition" and len(sides) == 2:
            text = self.page.text[quote.start : quote.stop]
            places = [next(it.start for it in side.spans if quote.holds(it)) for side in sides]
            if not may_buy(text, *(place - quote.start for place in places)):
                raise _Unsaid

    def _day(self, told: ToldEvent, text: str) -> date | None:
        if told.date.strip():
            place = _stood(told.date, text)
            if named := days(text[place.start : place.stop], self.published):
                return named[0]
        return event_day(text, self.page.text, self.published)

    @cached_property
    def _lines(self) -> list[Line]:
        apart: list[Bearer] = []
        for bearer in self.companies.values():
            if bearer not in apart:
                apart.append(bearer)
        return [line for line in clauses.lines(self.page, apart, ()) if line.start >= self.start]

    @cached_property
    def _denied(self) -> frozenset[str]:
        return stance.denied_types(self._lines)


def _stood(words: str, text: str, start: int = 0) -> Span:
    """Errors: _Unsaid."""
    place = place_of(words, text, start)
    if place is None:
        raise _Unsaid
    return place


def _companies(page: Page, told: Sequence[NamedCompany], listed: Iterable[Gazetteer]) -> dict[str, Bearer]:
    known = [Known(one.name, tuple(map(bare, one.written))) for one in told]
    hits = Gazetteer(known).find(page)
    others = [hit for names in listed for hit in names.find(page)]
    found: dict[str, Bearer] = {}
    for one, entry in zip(told, known, strict=True):
        bearer = _bearer(page, one, [hit for hit in hits if hit.known == entry and hit.sure], others)
        if bearer is not None:
            found |= {name: bearer for name in (*one.written, one.name) if name not in found}
    return found


def _bearer(page: Page, told: NamedCompany, places: Sequence[Hit], others: Sequence[Hit]) -> Bearer | None:
    """Nothing when a writing of the name does not stand in the page, or what stands there is no company."""
    if not places or not all(place_of(writing, page.readable) for writing in told.written):
        return None
    spans = tuple(Span(hit.start, hit.stop) for hit in places)
    met = next((hit.known for hit in others if any(hit.overlaps(span) for span in spans)), None)
    if met is not None:
        return Bearer(met.name, spans, met) if met.kind == "company" else None
    as_written = any(same_name(told.name, page.text[span.start : span.stop]) for span in spans)
    # A name has a capital or a digit: «рынок» stands in every text.
    named = any(sign.isupper() or sign.isdigit() for sign in told.name)
    return Bearer(told.name, spans) if as_written and named else None


def _roubles(told: ToldEvent, quote: str) -> int | None:
    """As the quote has it; None when it is no price in roubles. Errors: _Unsaid."""
    if not told.amount.strip():
        return None
    place = _stood(told.amount, quote)
    named = [it.roubles for it in amounts(quote) if it.overlaps(place)]
    return named[0] if named and told.type in PRICED else None
