"""A case as numbers: the unknown is flagged, and nothing is infinite."""

from __future__ import annotations

from math import isfinite, log1p

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.analytics.features import features
from memory.outcomes import Case

shares = st.floats(0, 1)
ages = st.floats(0, 10_000)
cases = st.builds(
    Case,
    partnership_id=st.just("p"),
    score=st.none() | shares,
    confidence=shares,
    factors=st.dictionaries(st.sampled_from(["tech", "market", "size"]), st.none() | shares),
    method=st.sampled_from(["", "six@1"]),
    signals=st.lists(st.tuples(st.sampled_from(["launch", "funding"]), ages)),
    rounds=st.integers(0, 50),
    days=st.none() | ages,
    won=st.none() | st.booleans(),
)

KNOWN = Case("p", 0.8, 0.6, {"tech": 0.25}, "six@1", [("launch", 3.0), ("launch", 9.0)], 2, 4.0, True)
UNKNOWN = Case("p", None, 0.0, {"tech": None}, "", [], 0, None, None)


@given(case=cases)
def test_every_feature_is_a_finite_number_or_a_category(case: Case) -> None:
    row = features(case)
    assert isinstance(row.pop("method"), str)
    assert all(isinstance(value, float) and isfinite(value) for value in row.values())
    for name, value in [("score", case.score), ("days", case.days)]:
        assert row[f"{name}?"] == (value is None)


@given(case=cases, won=st.none() | st.booleans())
def test_how_it_ended_is_no_feature(case: Case, won: bool | None) -> None:
    assert features(Case(**{**vars(case), "won": won, "partnership_id": "q"})) == features(case)


def test_what_is_known_stands_as_it_is() -> None:
    assert features(KNOWN) == {
        "confidence": 0.6,
        "method": "six@1",
        "rounds": log1p(2),
        "score": 0.8,
        "score?": 0.0,
        "factor:tech": 0.25,
        "factor:tech?": 0.0,
        "days": log1p(4),
        "days?": 0.0,
        "signals:launch": log1p(2),
        "signals": log1p(2),
        "quiet": log1p(3),
    }


@pytest.mark.parametrize("name", ["score", "factor:tech", "days"])
def test_the_unknown_is_neither_zero_nor_one_and_flagged(name: str) -> None:
    row = features(UNKNOWN)
    assert (row[name], row[f"{name}?"]) == (0.5, 1.0)


def test_silence_is_the_longest_quiet() -> None:
    assert features(UNKNOWN)["quiet"] == log1p(365)
    assert features(UNKNOWN)["signals"] == 0.0
