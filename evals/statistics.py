"""What a difference between two runs is worth: pure functions of figures over cases.

Cases are resampled, not their repetitions: those of one case are alike. The seed is fixed, so the same
results have the same intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb, isnan, nan
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
RESAMPLES = 400
LEVEL = 0.95
SEED = 20261120


@dataclass(frozen=True)
class Interval:
    """Where the figure of other such cases would lie in 95 of 100 draws; NaN when nobody knows."""

    low: float
    high: float


@dataclass(frozen=True)
class Paired:
    """delta: how much better it is now than then on the same cases; wins, losses: cases that got better and
    worse; p: of the sign test, the chance of so uneven a split when nothing has changed."""

    delta: float
    interval: Interval
    wins: int
    losses: int
    p: float

    @property
    def certainly_worse(self) -> bool:
        return self.interval.high < 0


def interval(cases: Sequence[T], of: Callable[[Sequence[T]], float]) -> Interval:
    """The percentile bootstrap of the figure `of` over the cases."""
    drawn = _draws(len(cases))
    return _middle([of([cases[at] for at in draw]) for draw in drawn])


def paired(
    pairs: Sequence[tuple[T, T]],
    of: Callable[[Sequence[T]], float],
    better: Callable[[float, float], float],
) -> Paired:
    """pairs: each case (now, then); better: how much better the first figure is than the second."""

    def delta(some: Sequence[tuple[T, T]]) -> float:
        return better(of([now for now, _ in some]), of([then for _, then in some]))

    each = [delta([pair]) for pair in pairs]
    wins, losses = sum(it > 0 for it in each), sum(it < 0 for it in each)
    return Paired(delta(pairs), interval(pairs, delta), wins, losses, sign_test(wins, losses))


def sign_test(wins: int, losses: int) -> float:
    """Two-sided; 1 where no case has changed."""
    # Half a second to import, which the other commands need not wait.
    from scipy.stats import binomtest

    return float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0


def pass_hat(passed: int, tries: int, k: int) -> float:
    """The chance that k tries drawn out of these all pass (pass^k), without bias."""
    return comb(passed, k) / comb(tries, k)


def _draws(count: int) -> NDArray[np.intp]:
    """Which cases each resample has. Shape (RESAMPLES, count)."""
    return np.random.default_rng(SEED).integers(0, count, (RESAMPLES, count)) if count else _NO_DRAWS


_NO_DRAWS: NDArray[np.intp] = np.empty((0, 0), np.intp)


def _middle(values: Sequence[float]) -> Interval:
    known = [it for it in values if not isnan(it)]
    if not known:
        return Interval(nan, nan)
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))
