"""What stands on record of an article that a model has read beside the rules, beside the labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from memory.models import SignalType
from memory.names import name_key

from ..answers import Reaction
from ..articles import Article, Fact
from ..case import Case
from ..marks import Marks
from ..metric import counted


class Event(BaseModel, frozen=True, extra="forbid"):
    """subject: in the nominative; amount_rub: of money that changed hands."""

    type: SignalType
    subject: str
    amount_rub: int | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return str(self.type), name_key(self.subject), str(self.amount_rub)


class ReadingCase(Case):
    """kind: what the model does; reactions: of each vendor, one a request; truth: what the article tells;
    lies: what the model says and the article does not; alone: no model answers, so the rules read it alone
    and that is told."""

    lang: Literal["ru", "en"]
    kind: str
    article: Article
    reactions: dict[str, list[Reaction]]
    truth: list[Event]
    lies: list[Event] = []  # noqa: RUF012 - pydantic copies it
    alone: bool = False

    @property
    def slices(self) -> Mapping[str, str]:
        return {"lang": self.lang, "kind": self.kind}


@dataclass(frozen=True)
class Read:
    """facts: as evals.articles.record tells them; problems: lines of the run."""

    facts: Iterable[Fact]
    problems: Sequence[str]


def score(case: ReadingCase, got: Read) -> Marks:
    found = {(it[0], name_key(it[1]), it[3]) for it in got.facts if it[0] != "named"}
    truth = {it.key for it in case.truth}
    wrong, missed = found - truth, truth - found
    lies = found & {it.key for it in case.lies}
    untold = bool(got.problems) != case.alone
    values = counted("events", len(found & truth), len(wrong), len(missed))
    values |= {"lies": float(bool(lies)), "told": float(not untold)}
    why = [*_lines("a lie", lies), *_lines("not so", wrong - lies), *_lines("missed", missed)]
    return Marks(values, (*why, *([f"problems told: {[*got.problems]}"] if untold else [])))


def _lines(what: str, events: Iterable[tuple[str, str, str]]) -> list[str]:
    return [f"{what}: {' | '.join(it)}" for it in sorted(events)]
