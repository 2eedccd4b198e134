"""What came of one case in one epoch, and of all of one evaluation."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from .figure import Repeats
from .marks import Marks


class Asked(BaseModel, frozen=True, extra="ignore"):
    """What a case asked of a model. latency_ms: the mean of the answered calls."""

    provider: str
    model: str
    agent: str
    calls: int
    failures: int
    tokens_in: int
    tokens_out: int
    cost_rub: float
    latency_ms: float | None


class Result(BaseModel, frozen=True):
    """error: why it crashed; seconds: of work, without waiting for its turn; input: the case as it stands in
    the data set, as JSON."""

    case: str
    epoch: int
    slices: dict[str, str]
    input: str
    marks: Marks
    seconds: float = 0.0
    asked: tuple[Asked, ...] = ()
    error: str | None = None


class Results(BaseModel, frozen=True):
    """Of one evaluation. data: version of its data set."""

    name: str
    data: str
    results: tuple[Result, ...]

    @property
    def cases(self) -> dict[str, Repeats]:
        """The marks of each case, one an epoch; empty ones of a crash."""
        found: dict[str, list[Marks]] = {}
        for it in sorted(self.results, key=lambda result: result.epoch):
            found.setdefault(it.case, []).append(it.marks)
        return dict(found)

    def of(self, case: str) -> Sequence[Result]:
        return [it for it in self.results if it.case == case]

    def slices(self) -> dict[tuple[str, str], list[str]]:
        """The cases of each (kind, value), of kinds that tell more than one thing apart; values of one case
        only stand together as `…`."""
        found: dict[tuple[str, str], list[str]] = {}
        for kind, value, case in sorted({(*of, it.case) for it in self.results for of in it.slices.items()}):
            found.setdefault((kind, value), []).append(case)
        told: dict[tuple[str, str], list[str]] = {}
        for (kind, value), cases in found.items():
            told.setdefault((kind, value if len(cases) > 1 else "…"), []).extend(cases)
        kinds = [kind for kind, _ in told]
        return {place: cases for place, cases in told.items() if kinds.count(place[0]) > 1}
