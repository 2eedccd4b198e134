"""A figure over cases, and how far it may fall. One that a single case has no value of is NaN there.

A case that crashed has empty marks, and counts as the worst that there can be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .marks import Marks

Of = Callable[[Sequence[Marks]], float]


@dataclass(frozen=True)
class Metric:
    """of: the figure of these cases; goal: what it should reach one day; drop: how far it may fall below its
    baseline; each: what every single case must reach; least: smaller is better."""

    name: str
    of: Of
    goal: float | None = None
    drop: float = 0.0
    each: float | None = None
    least: bool = False

    def better(self, one: float, other: float) -> float:
        """How much better `one` is than `other`; below zero: worse."""
        return other - one if self.least else one - other


def mean(
    mark: str,
    *,
    name: str | None = None,
    goal: float | None = None,
    drop: float = 0.0,
    each: float | None = None,
    least: bool = False,
) -> Metric:
    """The mean of a mark in 0..1."""
    worst = 1.0 if least else 0.0

    def of(cases: Sequence[Marks]) -> float:
        return sum(it.number(mark, worst) for it in cases) / max(1, len(cases))

    return Metric(name or mark, of, goal, drop, each, least)


def precision(field: str, *, goal: float | None = None, drop: float = 0.0) -> Metric:
    """Micro: of the marks `field.right` and `field.wrong`."""
    return Metric(f"{field} P", lambda cases: _share(cases, field, "wrong"), goal, drop)


def recall(field: str, *, goal: float | None = None, drop: float = 0.0) -> Metric:
    """Micro: of the marks `field.right` and `field.missed`."""
    return Metric(f"{field} R", lambda cases: _share(cases, field, "missed"), goal, drop)


def f1(field: str, *, goal: float | None = None, drop: float = 0.0) -> Metric:
    """Micro: of the marks `field.right`, `field.wrong` and `field.missed`."""
    return Metric(f"{field} F1", lambda cases: _f1(cases, field), goal, drop)


def counted(field: str, right: int, wrong: int, missed: int) -> dict[str, float]:
    """The marks that `precision`, `recall` and `f1` read."""
    return {f"{field}.right": right, f"{field}.wrong": wrong, f"{field}.missed": missed}


def _share(cases: Sequence[Marks], field: str, other: str) -> float:
    right = _sum(cases, field, "right")
    of = right + _sum(cases, field, other)
    return right / of if of else float("nan")


def _f1(cases: Sequence[Marks], field: str) -> float:
    right = 2 * _sum(cases, field, "right")
    of = right + _sum(cases, field, "wrong") + _sum(cases, field, "missed")
    return right / of if of else float("nan")


def _sum(cases: Sequence[Marks], field: str, what: str) -> float:
    # A crash is one thing said wrongly and one not said.
    return sum(it.number(f"{field}.{what}", 0.0 if what == "right" else 1.0) for it in cases)
