"""Whether mentions of one company were put together, and mentions of two kept apart."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations

from pydantic import BaseModel, Field

from memory.csv_import import CompanyRow
from memory.numbers import is_inn

from ..case import Case
from ..marks import Marks
from ..metric import counted

Labels = Sequence[Hashable]


class Named(BaseModel, frozen=True, extra="forbid"):
    """A company as a text names it, one text each. is_: which one it is; "?" where nobody can tell."""

    name: str
    is_: str = Field(alias="is")
    names: list[str] = []
    inn: str | None = None
    domain: str | None = None


class ResolutionCase(Case):
    """Mentions in the order in which they are met. known: companies on record before; held: whether no rule
    was made or changed with this case in sight."""

    kind: str
    known: tuple[CompanyRow, ...] = ()
    mentions: list[Named] = Field(min_length=2)
    held: bool = False

    @property
    def slices(self) -> Mapping[str, str]:
        return {"kind": self.kind, "part": "held out" if self.held else "tuned on"}


def score(case: ResolutionCase, found: Sequence[str | None]) -> Marks:
    """found: the id of the company that each mention was taken for, None where that was left open."""
    told = list(zip(case.mentions, found, strict=True))
    labels, guesses = clusters([it for it, _ in told]), alone(found)
    right, wrong, missed = pairs(labels, guesses)
    precise, full = b_cubed(labels, guesses)
    merged = _merged(told)
    values = counted("pairs", len(right), len(wrong), len(missed))
    values |= {"b3 P": precise, "b3 R": full, "merged": float(bool(merged))}
    return Marks(values, (*merged, *_lines("one", wrong, case), *_lines("two", missed, case)))


def clusters(mentions: Sequence[Named]) -> Labels:
    """The labels; what nobody can tell is a company of its own."""
    return [(place, it.is_) if it.is_ == "?" else it.is_ for place, it in enumerate(mentions)]


def alone(found: Sequence[str | None]) -> Labels:
    """The guesses; what was left open is a company of its own."""
    return [(place, None) if it is None else it for place, it in enumerate(found)]


def pairs(
    labels: Labels, guesses: Labels
) -> tuple[set[tuple[int, int]], set[tuple[int, int]], set[tuple[int, int]]]:
    """Pairs of places that are one company and were taken for one; that only were taken so; that only are."""
    of_labels, of_guesses = _together(labels), _together(guesses)
    return of_labels & of_guesses, of_guesses - of_labels, of_labels - of_guesses


def b_cubed(labels: Labels, guesses: Labels) -> tuple[float, float]:
    """Precision and recall of each mention's cluster, averaged over the mentions."""
    shares = [_overlap(place, labels, guesses) for place in range(len(labels))]
    precise = sum(both / guessed for both, guessed, _ in shares)
    full = sum(both / labelled for both, _, labelled in shares)
    return precise / len(shares), full / len(shares)


def _overlap(place: int, labels: Labels, guesses: Labels) -> tuple[int, int, int]:
    """How many share the place's label and guess, its guess, its label."""
    guessed = {at for at, it in enumerate(guesses) if it == guesses[place]}
    labelled = {at for at, it in enumerate(labels) if it == labels[place]}
    return len(guessed & labelled), len(guessed), len(labelled)


def _together(labels: Labels) -> set[tuple[int, int]]:
    return {(a, b) for a, b in combinations(range(len(labels)), 2) if labels[a] == labels[b]}


def _merged(told: Sequence[tuple[Named, str | None]]) -> list[str]:
    """Companies that got mentions of two INNs."""
    numbers: dict[str, set[str]] = {}
    for it, id in told:
        if id is not None and it.inn and is_inn(it.inn):
            numbers.setdefault(id, set()).add(it.inn)
    return [f"one company of {', '.join(sorted(it))}" for it in numbers.values() if len(it) > 1]


def _lines(what: str, wrong: set[tuple[int, int]], case: ResolutionCase) -> list[str]:
    names = [it.name for it in case.mentions]
    return [f"taken for {what}: {names[a]}, {names[b]}" for a, b in sorted(wrong)]
