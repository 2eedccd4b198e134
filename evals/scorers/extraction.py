"""What the scout read in an article, beside the labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from agents.scout.extraction import Extraction
from memory.names import name_key

from ..case import Case
from ..marks import Marks
from ..metric import counted


class NamedCompany(BaseModel, extra="forbid"):
    """A company that an article names, and the words with which it does."""

    name: str
    mentions: list[str]
    domain: str | None
    inn: str | None


class LabelledEvent(BaseModel, extra="forbid"):
    """Subject and object in the nominative; the quote stands in the text. type none: nothing happened."""

    type: str
    subject: str | None
    object: str | None
    amount_rub: int | None
    date: str | None
    quote: str | None


class NewsCase(Case):
    """A labelled article. published: ISO; injection: whether it instructs machines."""

    title: str
    text: str
    url: str | None
    source: str | None
    published: str | None
    lang: str
    injection: bool
    companies: list[NamedCompany]
    events: list[LabelledEvent]

    @property
    def slices(self) -> Mapping[str, str]:
        kinds = sorted({it.type for it in self.events}) or ["none"]
        return {"lang": self.lang, "source": self.source or "?", "event": "+".join(kinds)}


def score(case: NewsCase, said: Extraction) -> Marks:
    """Companies by any of their words, types of events, amounts in roubles."""
    found = _found(said)
    matched = _matched(case.companies, found)
    told = [it for it in case.events if it.type != "none"]
    missed = [it.name for it in case.companies if it.name not in matched.values()]
    wrong = [name for name in found if name not in matched]
    types, events = {it.type for it in told}, {it.type for it in said.events}
    sums = {(it.type, it.amount_rub) for it in told if it.amount_rub}
    amounts = {(it.type, it.amount_rub) for it in said.events if it.amount_rub}
    why = (*_lines("company missed", missed), *_lines("not a company", wrong))
    why += (*_lines("event missed", types - events), *_lines("no such event", events - types))
    values = counted("companies", len(matched), len(wrong), len(missed))
    values |= _compared("events", types, events) | _compared("amounts", sums, amounts)
    return Marks(values, why)


def _compared(field: str, labels: set[Any], found: set[Any]) -> dict[str, float]:
    return counted(field, len(labels & found), len(found - labels), len(labels - found))


def _lines(what: str, names: Iterable[str]) -> list[str]:
    return [f"{what}: {name}" for name in sorted(names)]


def _found(said: Extraction) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for mention in said.mentions:
        found.setdefault(mention.name, set()).add(mention.surface)
    return found


def _matched(labels: Sequence[NamedCompany], found: Mapping[str, set[str]]) -> dict[str, str]:
    """Found name -> labelled name: of the same words in the text, or of the same key."""
    pairs: dict[str, str] = {}
    for name, surfaces in found.items():
        for label in labels:
            same = bool(surfaces & set(label.mentions)) or name_key(name) == name_key(label.name)
            if same and label.name not in pairs.values():
                pairs[name] = label.name
                break
    return pairs
