"""A partnership as the numbers that a forecast looks at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from math import log1p

from memory.outcomes import Case

Features = dict[str, float | str]

# Where a value is unknown the middle of its range stands in, and a flag beside it says so: a linear
# model then learns what not knowing means, and the unknown counts neither as zero nor as one.
MIDDLE = 0.5
QUIET_DAYS = 365.0


def features(case: Case) -> Features:
    """{name: number, or text for a category}. Numbers are near 0..1 or logarithms of counts and days.

    score, factor:<name>, days: the value, with "<name>?" = 1.0 where it is unknown; signals:<type> and
    signals: log1p of how many; quiet: log1p of the days since the latest signal (at most a year);
    rounds: log1p of the decisions made; method: a category.
    """
    return {
        "confidence": case.confidence,
        "method": case.method,
        "rounds": log1p(case.rounds),
        **_known("score", case.score),
        **_factors(case.factors),
        # A clock that was set back makes a decision older than its pair.
        **_known("days", None if case.days is None else log1p(max(case.days, 0))),
        **dict(_signals(case)),
    }


def _factors(factors: Mapping[str, float | None]) -> Features:
    pairs = (_known(f"factor:{name}", value) for name, value in factors.items())
    return {name: value for pair in pairs for name, value in pair.items()}


def _known(name: str, value: float | None) -> Features:
    return {name: MIDDLE if value is None else value, f"{name}?": float(value is None)}


def _signals(case: Case) -> Iterator[tuple[str, float]]:
    for kind, number in Counter(kind for kind, _ in case.signals).items():
        yield f"signals:{kind}", log1p(number)
    yield "signals", log1p(len(case.signals))
    yield "quiet", log1p(min([age for _, age in case.signals] + [QUIET_DAYS]))
