"""The measures of the ranking evals, on numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from evals.measures import auc, balanced, brier, ece, ndcg, numbers

TRUTH = np.array([True, False, False, True])


def test_auc_counts_ties_half_and_leaves_the_unknown_out() -> None:
    assert auc(TRUTH, numbers([0.9, 0.1, 0.5, 0.5])) == pytest.approx(0.875)
    assert auc(TRUTH, numbers([0.9, 0.1, 0.2, None])) == 1
    assert auc(TRUTH, numbers([0.0, 0.9, 0.1, 0.5]), np.array([False, False, True, True])) == 1


def test_ndcg_discounts_by_place() -> None:
    assert ndcg(TRUTH, numbers([0.9, 0.1, 0.2, 0.8])) == 1
    assert ndcg(np.array([True, False]), numbers([None, 0.0])) == pytest.approx(1 / np.log2(3))


def test_calibration() -> None:
    assert ece(TRUTH, numbers([0.5, 0.5, 0.5, 0.5])) == 0
    assert ece(TRUTH, numbers([0.0, 1.0, 1.0, None])) == 1
    assert brier(TRUTH, numbers([1.0, 0.5, 0.0, None])) == pytest.approx(0.25 / 3)


def test_balanced_weights_make_rare_links_as_heavy_as_the_rest() -> None:
    truth = np.array([True] + [False] * 9)
    weights = balanced(truth)
    assert weights[truth].sum() == weights[~truth].sum() == pytest.approx(0.5)
    assert ece(truth, np.full(10, 0.5), weights) == pytest.approx(0)
