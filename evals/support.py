"""How strict the checks of a model's answers about news are: `python -m evals.support`. No model is asked.

The labels of evals/datasets/news play the answers: as they stand, to see what of the truth the checks let
through, and each changed in one part, to see what of the false they stop. So this measures the checks and
says nothing of any model. The words of tells.yaml were chosen with this set in view.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.scout.answer import Answer, NamedCompany, ToldEvent
from agents.scout.gazetteer import Gazetteer
from agents.scout.lexicon import gazetteer
from agents.scout.page import Page
from agents.scout.support import supported
from agents.scout.wording import place_of
from memory.models import SignalType
from tools.articles import visible_text

from .report import Row, show

NEWS = Path(__file__).parent / "datasets" / "news" / "news_dev.jsonl"
Change = Callable[[ToldEvent, ToldEvent], dict[str, str]]


@dataclass(frozen=True)
class Item:
    """A labelled event as an answer about its article."""

    page: Page
    start: int
    companies: list[NamedCompany]
    told: ToldEvent


def run(path: Path = NEWS) -> list[Row]:
    names, items = gazetteer(()), list(_items(path))
    held = [item for item in items if _stands(item, item.told, names)]
    let = Row("true events let through", len(held) / len(items), f"of {len(items)} labelled ones")
    return [let, *(_stopped(what, change, held, names) for what, change in CHANGES.items())]


def _stopped(what: str, change: Change, held: Sequence[Item], names: Gazetteer) -> Row:
    others = [*held[1:], *held[:1]]
    lies = [(it, change(it.told, other.told)) for it, other in zip(held, others, strict=True)]
    stood = sum(_stands(it, it.told.model_copy(update=lie), names) for it, lie in lies)
    return Row(f"stopped: {what}", 1 - stood / len(held), f"of {len(held)} of these, changed")


# What takes the place of a part of a true event; the second one is another true event.
CHANGES: dict[str, Change] = {
    "an invented amount": lambda told, other: {"amount": "987 млн рублей"},
    "an invented date": lambda told, other: {"date": "31 февраля 2031 года"},
    "a company that is not there": lambda told, other: {"subject": other.subject + "-Инвест"},
    "the sentence of another event": lambda told, other: {"quote": other.quote},
    "no sentence": lambda told, other: {"quote": ""},
    "another type": lambda told, other: {"type": _after(told.type)},
    "sides that changed places, though of a partnership they may": lambda told, other: {
        "subject": told.object or f"{told.subject}-Инвест",
        "object": told.subject,
    },
}


def _after(type: SignalType) -> SignalType:
    types = list(SignalType)
    return types[(types.index(type) + 1) % len(types)]


def _items(path: Path) -> Iterator[Item]:
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        companies = [NamedCompany(name=it["name"], written=it["mentions"]) for it in row["companies"]]
        page = Page(f"{row['title']}\n{visible_text(row['text'])}")
        for event in row["events"]:
            if event["type"] != "none":
                yield Item(page, len(row["title"]) + 1, companies, _told(event))


def _told(event: dict[str, str | None]) -> ToldEvent:
    """Labels name a second side in the nominative, and some that the quote does not: those are left out."""
    side = event["object"] or ""
    needed = event["type"] == "acquisition" or place_of(side, event["quote"] or "") is not None
    quoted = {"object": side if needed else "", "amount": "", "date": ""}
    return ToldEvent.model_validate({**event, **quoted})


def _stands(item: Item, told: ToldEvent, names: Gazetteer) -> bool:
    answer = Answer(companies=item.companies, events=[told])
    return bool(supported(item.page, answer, [names], start=item.start, published=None).events)


if __name__ == "__main__":
    show("Checks of answers about news", run())
