"""The report of a run: one page that needs nothing but itself, with Inspect's logs beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from . import charts
from .result import Asked, Result
from .runs import EvalRun
from .table import around, difference, lines_of, split
from .verdict import Verdict
from .words import Words

SHOWN = 12
_MODES = {"replay": "offline", "record": "record", "live": "live"}


@dataclass(frozen=True)
class Spent:
    """What was asked of one model. latency_ms: the mean of the answered calls."""

    provider: str
    model: str
    calls: int
    failures: int
    tokens: int
    cost_rub: float
    latency_ms: float | None


@dataclass(frozen=True)
class Bad:
    """A case that something is wrong with: in its worst repetition."""

    name: str
    case: str
    why: Sequence[str]
    trajectory: Sequence[str]
    input: str


def write(run: EvalRun, verdicts: Sequence[Verdict], words: Words) -> Path:
    """The path of the page."""
    folder = run.folder / "report"
    folder.mkdir(exist_ok=True)
    path = folder / "index.html"
    path.write_text(_page(run, verdicts, words), encoding="utf-8")
    return path


def _page(run: EvalRun, verdicts: Sequence[Verdict], words: Words) -> str:
    asked = run.done.asked
    return _files.get_template("report.html.jinja").render(
        words=words,
        run=run.name,
        asked=asked,
        mode=words(_MODES[asked.mode]),
        verdicts=verdicts,
        failures=[line for verdict in verdicts for line in lines_of(verdict)],
        scores=charts.scores(verdicts),
        deltas=charts.deltas(verdicts) if any(it.paired for v in verdicts for it in v.lines) else None,
        spent=spent(it for verdict in verdicts for it in verdict.results.results),
        bad=list(_bad(verdicts))[:SHOWN],
        around=around,
        difference=difference,
        split=split,
    )


def spent(results: Iterable[Result]) -> list[Spent]:
    """By provider and model, the dearest first."""
    found: dict[tuple[str, str], list[Asked]] = {}
    for result in results:
        for it in result.asked:
            found.setdefault((it.provider, it.model), []).append(it)
    made = [_spent(provider, model, told) for (provider, model), told in found.items()]
    return sorted(made, key=lambda it: (-it.cost_rub, it.provider, it.model))


def _spent(provider: str, model: str, told: Sequence[Asked]) -> Spent:
    answered = {it: it.calls - it.failures for it in told if it.latency_ms is not None}
    waited = sum((it.latency_ms or 0.0) * count for it, count in answered.items())
    return Spent(
        provider,
        model,
        sum(it.calls for it in told),
        sum(it.failures for it in told),
        sum(it.tokens_in + it.tokens_out for it in told),
        sum(it.cost_rub for it in told),
        waited / count if (count := sum(answered.values())) else None,
    )


def _bad(verdicts: Sequence[Verdict]) -> Iterable[Bad]:
    for verdict in verdicts:
        for case, why in verdict.worst.items():
            yield _shown(verdict.results.name, verdict.results.of(case), why)


def _shown(name: str, repeats: Sequence[Result], why: Sequence[str]) -> Bad:
    result = next((it for it in repeats if it.error or it.marks.why), repeats[0])
    told: Mapping[str, object] = json.loads(result.input)
    whole = json.dumps(told, ensure_ascii=False, indent=1)
    return Bad(
        name, result.case, list(dict.fromkeys((*why, *result.marks.why))), result.marks.trajectory, whole
    )


_files = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
