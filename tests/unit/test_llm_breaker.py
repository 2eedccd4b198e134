"""The circuit breaker: when it opens, whom it lets through, and that one provider alone can cool down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.llm.breaker import Breaker
from tools.llm.outcome import Outcome

BROKEN = [Outcome.UNAVAILABLE, Outcome.TIMED_OUT]
ANSWERED = [it for it in Outcome if it not in BROKEN]


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def opened(time: Time) -> Breaker:
    breaker = Breaker(time)
    for _ in range(breaker.threshold):
        assert breaker.admits()
        breaker.ended(Outcome.UNAVAILABLE)
    return breaker


def test_it_opens_after_broken_calls_in_a_row() -> None:
    breaker = opened(Time())
    assert not breaker.admits()
    assert breaker.left_s() == breaker.first_s


@pytest.mark.parametrize("outcome", ANSWERED)
def test_an_answer_between_broken_calls_starts_the_count_anew(outcome: Outcome) -> None:
    breaker = Breaker(Time())
    for _ in range(10):
        for _ in range(breaker.threshold - 1):
            breaker.ended(Outcome.TIMED_OUT)
        breaker.ended(outcome)
    assert breaker.admits()


def test_one_probe_at_a_time_decides() -> None:
    time = Time()
    breaker = opened(time)
    time.now = breaker.first_s
    assert breaker.admits()
    assert not breaker.admits()
    breaker.ended(Outcome.TIMED_OUT)
    assert breaker.left_s() == 2 * breaker.first_s
    time.now += 2 * breaker.first_s
    assert breaker.admits()
    breaker.ended(Outcome.OK)
    assert breaker.admits() and breaker.admits()


def test_a_probe_that_was_given_up_lets_another_try() -> None:
    time = Time()
    breaker = opened(time)
    time.now = breaker.first_s
    assert breaker.admits()
    breaker.ended(None)
    assert breaker.admits()


@given(st.lists(st.tuples(st.sampled_from([*Outcome, None]), st.floats(0, 200)), max_size=60))
def test_it_is_never_shut_for_longer_than_the_longest(story: list[tuple[Outcome | None, float]]) -> None:
    time = Time()
    breaker = Breaker(time)
    for outcome, passes in story:
        if breaker.admits():
            breaker.ended(outcome)
        assert breaker.left_s() <= breaker.longest_s
        time.now += passes
    time.now += breaker.longest_s
    assert breaker.admits()
