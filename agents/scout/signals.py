"""What happened to whom, by the words of a sentence: each event with the sentence that says so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from . import stance
from .clauses import Line
from .dates import event_day
from .money import Amount, amounts
from .ner import Bearer
from .page import Page
from .roles import Scene
from .sides import ROLES, Side
from .triggers import Fired, fired

_PRICE = re.compile(
    r"(?:сумм|стоимост|цен|объем)\w* (?:сделк|покупк|контракт|раунд|инвестици|соглашени|кредит|пакет|дол)\w+"
    r"|сделк\w+ (?:\S+ ){0,3}(?:оцен|обош|стоил)\w+|прода(?:вец|вцы|вцу) (?:\S+ ){0,5}(?:получи|выручи|доста)\w+|\bза (?:него|нее|них|актив|пакет|долю|компанию|эту долю)\b"
)
_PRICED = frozenset({"acquisition", "funding", "partnership"})


@dataclass(frozen=True)
class Found:
    """An event; `side` is the other party, or the text of a person, place or thing. The quote is
    text[start:stop] of the page.
    """

    type: str
    subject: Bearer
    side: Side
    start: int
    stop: int
    amount_rub: int | None
    day: date | None

    @property
    def object(self) -> str | None:
        return self.side.name if isinstance(self.side, Bearer) else self.side


def find(
    page: Page, lines: Sequence[Line], published: date | None, *, title: Line | None = None
) -> list[Found]:
    """The events in order, one of each kind between the same two sides. The title only sets the topic."""
    denied = stance.denied_types(lines)
    found: list[Found] = []
    topic = _topic(title, ()) if title else None
    for line in lines:
        told = [
            event
            for trigger in fired(line)
            if trigger.rule.type not in denied
            for event in _events(page, line, trigger, topic, published)
        ]
        if not told and (price := _price_told(page, line)) is not None:
            found = [*found[:-1], *(_priced(event, price) for event in found[-1:])]
        for event in told:
            if not any(_same(event, other) for other in found):
                found.append(event)
        topic = _topic(line, told) or topic
    return _distinct(found)


def _events(
    page: Page, line: Line, trigger: Fired, topic: Bearer | None, published: date | None
) -> Iterator[Found]:
    if not stance.asserted(line, trigger):
        return
    start, stop = line.tokens[0].start, _end(page, line)
    clause = page.text[start:stop]
    for subject, side in ROLES[trigger.rule.roles](Scene(line, trigger.place, topic)):
        if subject is None or subject is side or (trigger.rule.type == "acquisition" and side is None):
            continue
        yield Found(
            type=trigger.rule.type,
            subject=subject,
            side=side,
            start=start,
            stop=stop,
            amount_rub=_price(clause, line.tokens[trigger.place].start - start, trigger.rule.type),
            day=event_day(clause, page.text, published),
        )


def _end(page: Page, line: Line) -> int:
    """Where the quote ends: the sentence's last word and its closing mark."""
    stop = line.tokens[-1].stop
    while stop < len(page.text) and page.text[stop] in '»"”':
        stop += 1
    return stop


def _price(clause: str, verb: int, type: str) -> int | None:
    """The amount after the verb, else the one before it."""
    if type not in _PRICED:
        return None
    found = amounts(clause)
    best: Amount | None = min(found, key=lambda amount: (amount.start < verb, amount.start), default=None)
    return best.roubles if best else None


def _price_told(page: Page, line: Line) -> int | None:
    """The price that a sentence gives of what was told before it: «Сумма сделки — 1,2 млрд рублей»."""
    if not _PRICE.search(line.text):
        return None
    found = amounts(page.text[line.tokens[0].start : line.tokens[-1].stop])
    return found[0].roubles if found else None


def _priced(event: Found, roubles: int) -> Found:
    if event.amount_rub is not None or event.type not in _PRICED:
        return event
    return replace(event, amount_rub=roubles)


def _topic(line: Line, told: Sequence[Found]) -> Bearer | None:
    """Whom the next sentence may go on about: who did something here, else the first who is no object."""
    if told:
        return told[-1].subject
    free = [at for at in line.of_kind("o") if not line.tokens[at].declined and not line.preposition(at)]
    return line.tokens[free[0]].bearer if free else None


def _same(one: Found, other: Found) -> bool:
    """One thing told twice: the same kind of one subject, unless both name different other sides."""
    if one.type != other.type or one.subject.name != other.subject.name:
        mirrored = one.type == other.type and one.object == other.subject.name
        return mirrored and other.object == one.subject.name
    return one.object is None or other.object is None or one.object == other.object


def _distinct(found: list[Found]) -> list[Found]:
    """A coupling announced is no product launched as well, and a person leaves so that another may come."""
    coupled = {(event.start, event.stop) for event in found if event.type in ("integration", "expansion")}
    kept: list[Found] = []
    for event in found:
        if event.type == "launch" and (event.start, event.stop) in coupled:
            continue
        if event.type == "leadership" and any(
            other.type == "leadership" and other.subject.name == event.subject.name for other in kept
        ):
            continue
        kept.append(event)
    return kept
