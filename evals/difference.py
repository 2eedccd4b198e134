"""Two runs of an evaluation, or a run and its baseline, case by case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from .errors import BadBaseline
from .evaluation import Eval
from .figure import Repeats, figures
from .statistics import Paired, paired
from .table import difference, split
from .words import Words


@dataclass(frozen=True)
class Side:
    """One of the two: which data it ran on, and the marks of each case."""

    name: str
    data: str
    cases: Mapping[str, Repeats]


@dataclass(frozen=True)
class Change:
    """A figure before and after on the cases that both have."""

    figure: str
    before: float
    after: float
    paired: Paired


def changes(one: Eval[Any, Any], before: Side, after: Side) -> list[Change]:
    """Errors: BadBaseline when they ran on different data."""
    if before.data != after.data:
        raise BadBaseline(
            f"{before.name} is of version {before.data} of the data set, {after.name} of {after.data}"
        )
    both = [(after.cases[it], before.cases[it]) for it in after.cases if it in before.cases]
    now, then = [pair[0] for pair in both], [pair[1] for pair in both]
    return [Change(it.name, it.of(then), it.of(now), paired(both, it.of, it.better)) for it in figures(one)]


def moved(one: Eval[Any, Any], before: Side, after: Side) -> dict[str, Sequence[str]]:
    """The cases whose marks are not the same, with each figure that differs."""
    found: dict[str, Sequence[str]] = {}
    for case, repeats in after.cases.items():
        then = before.cases.get(case)
        if then and [it.values for it in then] != [it.values for it in repeats]:
            pairs = [(it.name, it.of([then]), it.of([repeats])) for it in figures(one)]
            found[case] = [
                f"{name} {a:.3f} → {b:.3f}" for name, a, b in pairs if (a != b) and (a == a or b == b)
            ]
    return found


def show(
    console: Console, name: str, found: Sequence[Change], cases: Mapping[str, Sequence[str]], words: Words
) -> None:
    table = Table(title=name, title_justify="left")
    table.add_column(words("metric"), no_wrap=True)
    for title in ("before", "after", "delta", "split"):
        table.add_column(words(title), justify="right", no_wrap=True)
    for it in found:
        told = (words.number(it.before), words.number(it.after))
        table.add_row(it.figure, *told, difference(it.paired, words), split(it.paired, words))
    console.print(table)
    for case, lines in cases.items():
        console.print(f"  {case}: {'; '.join(lines)}", markup=False, highlight=False, soft_wrap=True)
    if not cases:
        console.print(f"  {words('nothing')}")
