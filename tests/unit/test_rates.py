"""Requests a minute, by a clock that a test sets."""

from __future__ import annotations

from api import rates
from api.rates import Rates


class Ticking:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_s_requests_are_let_through_and_then_one_each_time_one_comes_back() -> None:
    clock = Ticking()
    ours = Rates(100, clock)
    taken = [ours.take("a") for _ in range(100)]
    assert [one.left for one in taken] == list(range(99, -1, -1))
    assert not any(one.wait_s for one in taken)
    refused = ours.take("a")
    assert (refused.left, refused.wait_s, refused.reset_s) == (0, 1, 60)
    clock.now += 0.6
    assert ours.take("a").wait_s == 0
    assert ours.take("a").wait_s == 1
    clock.now += 60
    assert ours.take("a").left == 99


def test_what_is_refused_does_not_count() -> None:
    clock = Ticking()
    ours = Rates(2, clock)
    assert [bool(ours.take("a").wait_s) for _ in range(9)] == [False, False, *[True] * 7]
    clock.now += 30
    assert [bool(ours.take("a").wait_s) for _ in range(2)] == [False, True]


def test_everybody_has_their_own() -> None:
    ours = Rates(1, Ticking())
    assert [ours.take(who).wait_s for who in ("a", "b", "a")] == [0, 0, 60]


def test_full_buckets_are_thrown_away() -> None:
    clock = Ticking()
    ours = Rates(1, clock)
    for number in range(rates.BUCKETS_AT_MOST):
        ours.take(f"address:{number}")
    clock.now += 61
    ours.take("one more")
    assert ours.take("one more").wait_s == 60
    assert len(ours._full_at) == 1
