"""Whether an evaluation got worse than its baseline, and in which lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from .baseline import Baseline, check_data
from .errors import BadBaseline
from .evaluation import Eval
from .figure import Figure, Repeats, failing, figures
from .result import Results
from .statistics import Interval, Paired, interval, paired

SLACK = 1e-9


@dataclass(frozen=True)
class Line:
    """A figure: now, then (None without a baseline), and what it must not fall below."""

    figure: Figure
    value: float
    interval: Interval
    baseline: float | None
    paired: Paired | None
    gate: float | None
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Slice:
    """A figure of the cases that have something in common."""

    kind: str
    value: str
    cases: int
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Verdict:
    """worst: the cases that failed, with why: crashes first, then those that the baseline had not;
    failures: what makes the gate fail beside the lines."""

    results: Results
    lines: tuple[Line, ...]
    slices: tuple[Slice, ...]
    worst: Mapping[str, tuple[str, ...]]
    failures: tuple[str, ...]

    @property
    def failed(self) -> bool:
        return bool(self.failures) or any(line.failures for line in self.lines)


def judge(one: Eval[Any, Any], results: Results, baseline: Baseline | None, *, whole: bool = True) -> Verdict:
    """whole: all cases were run, so the gates of the figures hold; else cases are only held against
    themselves."""
    failures = list(_crashes(results))
    try:
        if baseline is not None:
            check_data(results.name, baseline, results.data)
        elif whole:
            failures.append(f'{results.name}: no baseline: artel eval accept {results.name} --because "…"')
    except BadBaseline as error:
        failures.append(str(error))
        baseline = None
    bad = {case: failing(one, repeats) for case, repeats in results.cases.items()}
    known = set(baseline.failing) if baseline else set()
    failures += [
        f"{results.name} {case}: {line}" for case, lines in bad.items() if case not in known for line in lines
    ]
    return Verdict(
        results,
        tuple(_line(it, results.cases, baseline, whole=whole) for it in figures(one)),
        tuple(_slices(one, results)),
        _worst(results, bad),
        tuple(failures),
    )


def _crashes(results: Results) -> Sequence[str]:
    return [f"{results.name} {it.case}: crashed: {it.error}" for it in results.results if it.error]


def _line(figure: Figure, cases: Mapping[str, Repeats], baseline: Baseline | None, *, whole: bool) -> Line:
    value, around = figure.of(list(cases.values())), interval(list(cases.values()), figure.of)
    before = baseline.marks if baseline else {}
    pairs = [(repeats, before[case]) for case, repeats in cases.items() if case in before]
    if baseline is None or not pairs:
        return Line(figure, value, around, None, None, None, ())
    than = paired(pairs, figure.of, figure.better)
    gate = baseline.gates.get(figure.name) if whole else None
    then = figure.of([it for _, it in pairs])
    return Line(figure, value, around, then, than, gate, tuple(_failures(figure, value, than, gate)))


def _failures(figure: Figure, value: float, than: Paired, gate: float | None) -> Sequence[str]:
    found = []
    if gate is not None and (isnan(value) or figure.better(value, gate) < -SLACK):
        found.append(f"{figure.name} {value:.3f} is worse than its gate {gate:.3f}")
    if than.delta < -figure.drop - SLACK:
        found.append(f"{figure.name} got worse by {-than.delta:.3f}, at most {figure.drop:g} may be")
    elif than.certainly_worse:
        found.append(f"{figure.name} certainly got worse, by {-than.delta:.3f}")
    return found


def _slices(one: Eval[Any, Any], results: Results) -> Sequence[Slice]:
    cases, found = results.cases, figures(one)
    return [
        Slice(kind, value, len(ids), {it.name: it.of([cases[id] for id in ids]) for it in found})
        for (kind, value), ids in results.slices().items()
    ]


def _worst(results: Results, bad: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Crashed, then failing, then those of which something was wrong."""
    crashed = [it for it in results.results if it.error]
    told: dict[str, tuple[str, ...]] = {it.case: (f"crashed: {it.error}",) for it in crashed}
    for case, lines in bad.items():
        if lines:
            told.setdefault(case, tuple(lines))
    for it in results.results:
        if it.marks.why:
            told.setdefault(it.case, it.marks.why)
    return told
