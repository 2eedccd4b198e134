"""The figures of an evaluation: its metrics over all repetitions, and pass^k where cases are repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .evaluation import Eval
from .marks import Marks
from .metric import Metric
from .statistics import pass_hat

Repeats = Sequence[Marks]
"""The marks of one case, one an epoch."""


@dataclass(frozen=True)
class Figure:
    """Of cases with their repetitions; see Metric for the rest."""

    name: str
    of: Callable[[Sequence[Repeats]], float]
    better: Callable[[float, float], float]
    goal: float | None
    drop: float


def figures(one: Eval[Any, Any]) -> list[Figure]:
    found = [_figure(metric) for metric in one.metrics]
    if one.epochs > 1 and any(metric.each is not None for metric in one.metrics):
        found.append(_pass_hat(one))
    return found


def failing(one: Eval[Any, Any], repeats: Repeats) -> list[str]:
    """What each case must reach and a repetition of this one does not, with the figure."""
    return [line for metric in one.metrics for line in _failing(metric, repeats)]


def passed(one: Eval[Any, Any], marks: Marks) -> bool:
    return bool(marks.values) and not failing(one, [marks])


def _failing(metric: Metric, repeats: Repeats) -> list[str]:
    if metric.each is None:
        return []
    least = [value for it in repeats if metric.better(value := metric.of([it]), metric.each) < -1e-9]
    return [f"{metric.name} {least[0]:.3g}, must be {metric.each:g}"] if least else []


def _figure(metric: Metric) -> Figure:
    def of(cases: Sequence[Repeats]) -> float:
        return metric.of([marks for repeats in cases for marks in repeats])

    return Figure(metric.name, of, metric.better, metric.goal, metric.drop)


def _pass_hat(one: Eval[Any, Any]) -> Figure:
    def of(cases: Sequence[Repeats]) -> float:
        each = [pass_hat(sum(passed(one, it) for it in repeats), len(repeats), k) for repeats in cases]
        return sum(each) / max(1, len(each))

    k = one.epochs
    return Figure(f"pass^{k}", of, lambda now, then: now - then, None, 0.0)
