"""Measures of a ranking and of a probability. An unknown value is NaN and is left out."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

BINS = 10


def numbers(values: Iterable[float | None]) -> Numbers:
    """None becomes NaN."""
    return np.array([np.nan if it is None else it for it in values], float)


def auc(truth: Flags, values: Numbers, among: Flags | None = None) -> float:
    """Chance that a true one stands above a false one, ties counting half; `among`: only these."""
    from sklearn.metrics import roc_auc_score

    which = ~np.isnan(values) if among is None else among & ~np.isnan(values)
    return float(roc_auc_score(truth[which], values[which]))


def ndcg(truth: Flags, values: Numbers, k: int = 10) -> float:
    """Of one list; an unknown value stands last."""
    from sklearn.metrics import ndcg_score

    return float(ndcg_score([truth], [np.nan_to_num(values, nan=-1.0)], k=k))


def ece(truth: Flags, values: Numbers, weights: Numbers | None = None) -> float:
    """Expected calibration error in BINS bins of equal width; values are probabilities."""
    known = ~np.isnan(values)
    gaps = (values - truth)[known] * (1.0 if weights is None else weights[known])
    bins = np.minimum((values[known] * BINS).astype(int), BINS - 1)
    total = known.sum() if weights is None else weights[known].sum()
    return float(sum(abs(gaps[bins == it].sum()) for it in range(BINS)) / total)


def brier(truth: Flags, values: Numbers) -> float:
    return float(np.nanmean((values - truth) ** 2))


def balanced(truth: Flags) -> Numbers:
    """Weights under which true and false ones are equally many."""
    return np.asarray(np.where(truth, 0.5 / truth.sum(), 0.5 / (~truth).sum()), float)
