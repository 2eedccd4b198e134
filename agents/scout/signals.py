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
from .roles import Scene, Side
from .sides import ROLES
from .triggers import Fired, fired

_PRICE = re.compile(
    r"(?:сумм|стоимост|цен|объем)\w* (?:сделк|покупк|контракт|раунд|инвестици|соглашени|кредит)\w+"
    r"|сделк\w+ (?:\S+ ){0,3}(?:оцен|обош|стоил)\w+|прода(?:вец|вцы|вцу) (?:\S+ ){0,5}(?:получи|выручи)\w+"
    r"|\b(?:за|у)плачен\w*|\bза (?:него|нее|них|актив|пакет|долю|компанию|эту долю)\b"
)
# What a sentence tells instead of an event that its words would make too.
HIDES = {
    "launch": frozenset({"integration", "expansion", "partnership"}),
    "expansion": frozenset({"partnership"}),
    "partnership": frozenset({"acquisition"}),
}
PRICED = frozenset({"acquisition", "funding", "partnership"})
# The type of an event, the name of its subject and its object.
Sides = tuple[str, str, str | None]


@dataclass(frozen=True)
class Found:
    """An event; `side` is the other party, or the text of a person, place or thing. The quote is
    text[start:stop] of the page.
    """

    type: str
    roles: str
    subject: Bearer
    side: Side
    start: int
    stop: int
    amount_rub: int | None
    day: date | None

    @property
    def object(self) -> str | None:
        return self.side.name if isinstance(self.side, Bearer) else self.side

    @property
    def sides(self) -> Sides:
        return self.type, self.subject.name, self.object


def find(
    page: Page, lines: Sequence[Line], published: date | None, *, title: Line | None = None
) -> list[Found]:
    """The events in order, one of each kind between the same two sides. The title only sets the topic."""
    denied = stance.denied_types(lines)
    found: list[Found] = []
    topic = _topic(title, ()) if title else None
    named: tuple[Bearer, ...] = ()
    for line in lines:
        told = [
            event
            for trigger in fired(line)
            if trigger.rule.type not in denied
            for event in _events(page, Scene(line, trigger.place, topic, named), trigger, published)
        ]
        if not told and found and (price := _price_told(page, line)) is not None:
            found[-1] = _priced(found[-1], price)
        for event in told:
            _add(found, event)
        topic = _topic(line, told) or topic
        named = _named(line)
    return _distinct(found)


def _add(found: list[Found], event: Found) -> None:
    """Of one thing told twice the telling with the amount is kept, else the first."""
    twin = next((at for at, other in enumerate(found) if same(event.sides, other.sides)), None)
    if twin is None:
        found.append(event)
    elif found[twin].amount_rub is None and event.amount_rub is not None:
        found[twin] = event


def _events(page: Page, scene: Scene, trigger: Fired, published: date | None) -> Iterator[Found]:
    infinitive = trigger.form == "infinitive"
    if not stance.asserted(scene.line, trigger.place, trigger.rule.type, infinitive=infinitive):
        return
    start, stop = scene.line.start, scene.line.stop
    clause, rule = page.text[start:stop], trigger.rule
    for subject, side in ROLES[rule.roles](scene):
        if subject is None or subject is side or (rule.type == "acquisition" and side is None):
            continue
        yield Found(
            type=rule.type,
            roles=rule.roles,
            subject=subject,
            side=side,
            start=start,
            stop=stop,
            amount_rub=_price(clause, scene.token(scene.verb).start - start, rule.type),
            day=event_day(clause, page.text, published),
        )


def _price(clause: str, verb: int, type: str) -> int | None:
    """The amount after the verb, else the one before it."""
    if type not in PRICED:
        return None
    found = amounts(clause)
    best: Amount | None = min(found, key=lambda amount: (amount.start < verb, amount.start), default=None)
    return best.roubles if best else None


def _price_told(page: Page, line: Line) -> int | None:
    """The price that a sentence gives of what was told before it: «Сумма сделки — 1,2 млрд рублей»."""
    if not _PRICE.search(line.text):
        return None
    found = amounts(page.text[line.start : line.stop])
    return found[0].roubles if found else None


def _priced(event: Found, roubles: int) -> Found:
    if event.amount_rub is not None or event.type not in PRICED:
        return event
    return replace(event, amount_rub=roubles)


def _topic(line: Line, told: Sequence[Found]) -> Bearer | None:
    """Whom the next sentence may go on about: who did something here, else the first who is no object."""
    if told:
        return told[-1].subject
    free = [at for at in line.of_kind("o") if not line.tokens[at].declined and not line.preposition(at)]
    return line.tokens[free[0]].bearer if free else None


def _named(line: Line) -> tuple[Bearer, ...]:
    bearers = (line.tokens[at].bearer for at in line.of_kind("o"))
    return tuple(dict.fromkeys(bearer for bearer in bearers if bearer is not None))


def same(one: Sides, other: Sides) -> bool:
    """One thing told twice: the same kind of one subject, unless both name different other sides."""
    (type, subject, side), (other_type, other_subject, other_side) = one, other
    if type != other_type or subject != other_subject:
        return type == other_type and side == other_subject and other_side == subject
    return side is None or other_side is None or side == other_side


def _distinct(found: list[Found]) -> list[Found]:
    """One sentence tells one thing: a joint office is no expansion, a coupling no product launched.

    A person leaves so that another may come: of both only the arrival counts.
    """
    told: dict[tuple[int, str], set[str]] = {}
    for event in found:
        told.setdefault((event.start, event.subject.name), set()).add(event.type)
    arrivals = {
        event.subject.name for event in found if event.type == "leadership" and event.roles != "leaves"
    }
    kept: list[Found] = []
    for event in found:
        hidden = told[event.start, event.subject.name] & HIDES.get(event.type, frozenset())
        left = event.roles == "leaves" and event.subject.name in arrivals
        again = event.type == "leadership" and any(_one_post(event, other) for other in kept)
        if not (hidden or left or again):
            kept.append(event)
    return kept


def _one_post(one: Found, other: Found) -> bool:
    return other.type == "leadership" and other.subject.name == one.subject.name
