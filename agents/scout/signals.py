"""What happened to whom, by the words of a sentence: each event with the sentence that says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from . import roles, stance
from .clauses import Line, Token
from .dates import event_day
from .money import amounts
from .ner import Bearer
from .page import Page
from .triggers import TRIGGERS, Trigger

_PRICED = frozenset({"acquisition", "funding", "partnership"})
_ITSELF = re.compile(
    r"(?:компани|оператор|холдинг|банк|разработчик|сервис|он|она|стартап|группа|вендор|интегратор|корпорация"
    r"|производитель|провайдер|маркетплейс|платформа|соцсеть|фонд|авиакомпания|школа|студия|бренд|организация"
    r"|команда|ритейлер|экосистема|дистрибьютор|дистрибутор|поисковик|агрегатор|классифайд|площадка|сеть)(?:я|ия)?"
)


@dataclass(frozen=True)
class Found:
    """An event and the bearers of its two sides; `other` is what stands in place of a company."""

    type: str
    subject: Bearer
    object: Bearer | None
    other: str | None
    start: int
    stop: int
    amount_rub: int | None
    day: date | None


# The two sides of an event: places in the line, the second possibly unnamed.
Sides = tuple[int, int | None]


def find(page: Page, lines: Sequence[Line], published: date | None) -> list[Found]:
    """The events in order, one of each kind between the same two sides."""
    denied = stance.denied_types(lines)
    found: dict[tuple[str, str, str | None], Found] = {}
    topic: Bearer | None = None
    for line in lines:
        for trigger in TRIGGERS:
            if trigger.type in denied:
                continue
            for event in _events(page, line, trigger, topic, published):
                side = event.object.name if event.object else event.other
                found.setdefault((event.type, event.subject.name, side), event)
        topic = _topic(line) or topic
    return _merged(list(found.values()))
