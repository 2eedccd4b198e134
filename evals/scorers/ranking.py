"""Where a company's real partners stand among all companies, and how well a probability of a link is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..case import Case
from ..marks import Marks
from ..measures import Flags, Numbers, auc, brier, ece, ndcg
from ..metric import Metric


class RankingCase(Case):
    """A company of companies/vendors.csv; the id is its name key."""

    name: str
    industry: str

    @property
    def slices(self) -> Mapping[str, str]:
        return {"industry": self.industry}


@dataclass(frozen=True)
class Ranked:
    """Of each pair of the company: whether it is a link, its score and the probability of a link (NaN:
    unknown); own: the pairs that are told here and not with the other company."""

    linked: Flags
    scores: Numbers
    rates: Numbers
    own: Flags


def score(case: RankingCase, got: Ranked) -> Marks:
    known = {"ndcg": ndcg(got.linked, got.scores)} if got.linked.any() else {}
    told = {"linked": got.linked.astype(float), "scores": got.scores, "rates": got.rates}
    return Marks({**known, **{name: [*it[got.own].tolist()] for name, it in told.items()}})


def of_all(
    name: str,
    mark: str,
    measure: Callable[[Flags, Numbers], float],
    *,
    goal: float | None = None,
    least: bool = False,
) -> Metric:
    """A measure of the pairs of all cases; NaN where they have no link, or nothing but links."""

    def of(cases: Sequence[Marks]) -> float:
        linked = np.array([it for case in cases for it in case.numbers("linked")], bool)
        values = np.array([it for case in cases for it in case.numbers(mark)], float)
        both = linked[~np.isnan(values)]
        return measure(linked, values) if both.any() and not both.all() else float("nan")

    return Metric(name, of, goal, least=least)


def mean_ndcg(cases: Sequence[Marks]) -> float:
    """Of the companies that have a link. A crash is the worst."""
    told = [it.number("ndcg", 0.0) for it in cases if "ndcg" in it.values or not it.values]
    return sum(told) / len(told) if told else float("nan")


METRICS = (
    Metric("nDCG@10", mean_ndcg),
    of_all("AUC", "scores", auc, goal=0.80),
    of_all("ECE", "rates", ece, goal=0.10, least=True),
    of_all("Brier", "rates", brier, least=True),
)
