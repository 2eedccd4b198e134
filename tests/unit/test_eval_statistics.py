"""What a difference is worth: properties that hold for any figures, and values known from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap

from evals.statistics import interval, paired, pass_hat, sign_test

figures = st.floats(0, 1, width=16)
some = st.lists(figures, min_size=1, max_size=30)
both = st.lists(st.tuples(figures, figures), min_size=1, max_size=30)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def more(now: float, then: float) -> float:
    return now - then


@given(some)
def test_an_interval_lies_within_the_values_and_is_the_same_each_time(values: list[float]) -> None:
    around = interval(values, mean)
    assert min(values) - 1e-9 <= around.low <= around.high <= max(values) + 1e-9
    assert around == interval(values, mean)


@given(both)
def test_a_comparison_the_other_way_round_is_its_opposite(pairs: list[tuple[float, float]]) -> None:
    there = paired(pairs, mean, more)
    back = paired([(then, now) for now, then in pairs], mean, more)
    assert there.delta == pytest.approx(-back.delta)
    assert (there.wins, there.losses, there.p) == (back.losses, back.wins, back.p)
    assert (there.interval.low, there.interval.high) == pytest.approx(
        (-back.interval.high, -back.interval.low)
    )
    assert there.wins + there.losses <= len(pairs)


@given(some)
def test_what_has_not_changed_is_not_worse(values: list[float]) -> None:
    same = paired([(it, it) for it in values], mean, more)
    assert (same.delta, same.interval.low, same.interval.high, same.p) == (0, 0, 0, 1)
    assert not same.certainly_worse


@given(some, st.floats(0.01, 1))
def test_what_is_worse_in_every_case_is_certainly_worse(values: list[float], drop: float) -> None:
    assert paired([(it - drop, it) for it in values], mean, more).certainly_worse


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_sign_test_is_a_probability_and_falls_as_the_split_grows(wins: int, losses: int) -> None:
    assert 0 < sign_test(wins, losses) <= 1
    assert sign_test(wins, losses) == sign_test(losses, wins)
    if wins > losses:
        assert sign_test(wins + 1, losses) < sign_test(wins, losses) + 1e-12


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n), st.integers(1, n))))
def test_pass_hat_falls_with_k_and_is_the_share_for_one(drawn: tuple[int, int, int]) -> None:
    passed, tries, k = drawn
    assert 0 <= pass_hat(passed, tries, k) <= passed / tries + 1e-9
    assert pass_hat(passed, tries, 1) == pytest.approx(passed / tries)
    assert pass_hat(passed, tries, tries) == (passed == tries)


def test_an_interval_is_about_scipys() -> None:
    values = [0.0] * 12 + [0.5] * 9 + [1.0] * 30
    theirs = bootstrap((values,), mean, method="percentile", vectorized=False, n_resamples=2000, rng=1)
    ours = interval(values, mean)
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.03)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.03)


def test_where_no_draw_has_a_figure_there_is_no_interval() -> None:
    assert isnan(interval([1.0, 2.0], lambda cases: nan).low)
    assert isnan(interval([], lambda cases: 0.0).high)
