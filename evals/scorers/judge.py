"""What a model says of a letter, and how far that agrees with what a person says of letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from agents.context import Lang, Style

from ..case import Case
from ..marks import Marks
from ..metric import Metric
from ..scenes import Scene

Criterion = Literal["tone", "persuasive", "language"]
CRITERIA: tuple[Criterion, ...] = ("tone", "persuasive", "language")
# What the person and the judge may say.
_PAIRS = ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0))


class Letter(BaseModel, frozen=True, extra="forbid"):
    subject: str
    body: str


class Opinion(BaseModel, frozen=True, extra="forbid"):
    """tone: fit for business, in its style; persuasive: says why and what next; language: no mistakes."""

    tone: bool
    persuasive: bool
    language: bool
    why: str = Field("", max_length=500)


class JudgeCase(Case):
    """A letter with what a person says of it, or a scene whose letter Artel writes now. broken: what was done
    to the letter."""

    lang: Lang
    style: Style = "formal"
    broken: str = "nothing"
    letter: Letter | None = None
    labels: Opinion | None = None
    scene: Scene | None = None

    @model_validator(mode="after")
    def _has_a_letter(self) -> Self:
        if (self.letter is None) != (self.labels is None) or (self.letter is None) == (self.scene is None):
            raise ValueError("a letter with its labels is needed, or a scene")
        return self

    @property
    def slices(self) -> Mapping[str, str]:
        return {"lang": self.lang, "of": self.broken if self.labels else "Artel's letters"}


def score(case: JudgeCase, said: Opinion) -> Marks:
    """By criterion: what the judge says of a letter of Artel's, or of one with a label, with the label."""
    if case.labels is None:
        values = {str(it): float(getattr(said, it)) for it in CRITERIA}
        bad = [f"{it}: {said.why}" for it in CRITERIA if not values[it]]
        return Marks(values, tuple(bad))
    told = {f"{it}.judge": float(getattr(said, it)) for it in CRITERIA}
    labels = {f"{it}.label": float(getattr(case.labels, it)) for it in CRITERIA}
    differ = [f"{it}: the judge says otherwise: {said.why}" for it in CRITERIA if _differs(case, said, it)]
    return Marks(told | labels, tuple(differ))


def _differs(case: JudgeCase, said: Opinion, criterion: Criterion) -> bool:
    return bool(getattr(said, criterion) != getattr(case.labels, criterion))


def _share(criterion: Criterion) -> Callable[[Sequence[Marks]], float]:
    def of(cases: Sequence[Marks]) -> float:
        told = [value for it in cases for value in it.numbers(criterion)]
        return sum(told) / len(told) if told else float("nan")

    return of


def _kappa(criterion: Criterion) -> Callable[[Sequence[Marks]], float]:
    def of(cases: Sequence[Marks]) -> float:
        labels = [value for it in cases for value in it.numbers(f"{criterion}.label")]
        judged = [value for it in cases for value in it.numbers(f"{criterion}.judge")]
        told = Counter(zip(labels, judged, strict=True))
        return _agreement(*(told[it] for it in _PAIRS))

    return of


@cache
def _agreement(*counts: int) -> float:
    """Cohen's kappa of so many of each of _PAIRS; NaN where all say one thing. Resampling asks for the same
    counts often, and each takes a millisecond."""
    from sklearn.metrics import cohen_kappa_score

    said = [pair for pair, count in zip(_PAIRS, counts, strict=True) if count]
    if len({value for pair in said for value in pair}) < 2:
        return float("nan")
    labels, judged = zip(*_PAIRS, strict=True)
    return float(cohen_kappa_score(labels, judged, sample_weight=counts))


# Each figure of the judge with its agreement beside it: one that agrees with nobody says nothing.
METRICS = tuple(
    metric
    for it in CRITERIA
    for metric in (Metric(it, _share(it)), Metric(f"{it}: kappa", _kappa(it), goal=0.6))
)
