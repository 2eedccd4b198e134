"""The forecast: unknown while little is known, the base rate while nothing is learned, else calibrated."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.analytics.model import MIN_CLOSED, Model, Row, fit, forecast, out_of_fold, scores


def telling(n: int) -> tuple[list[Row], list[bool]]:
    """Outcomes that follow the score, with a feature that means nothing beside it."""
    chance = random.Random(1)
    won = [bool(number % 2) for number in range(n)]
    noise = [chance.random() for _ in won]
    rows: list[Row] = [
        {"score": 0.7 + 0.2 * z if yes else 0.3 - 0.2 * z, "z": z, "method": "six@1"}
        for yes, z in zip(won, noise, strict=True)
    ]
    return rows, won


def silent(n: int) -> tuple[list[Row], list[bool]]:
    """Outcomes that the features say nothing about."""
    return [{"score": 0.5, "method": "six@1"} for _ in range(n)], [number % 4 == 0 for number in range(n)]


rows = st.fixed_dictionaries({"score": st.floats(0, 1), "method": st.sampled_from(["a", "b"])})
labelled = st.lists(st.tuples(rows, st.booleans()), max_size=16)


@settings(max_examples=15, deadline=None)
@given(outcomes=labelled, asked=rows)
def test_a_probability_or_an_honest_unknown(outcomes: list[tuple[Row, bool]], asked: Row) -> None:
    model = fit([row for row, _ in outcomes], [won for _, won in outcomes])
    told = forecast(model, asked, closed=len(outcomes))
    kinds = {won for _, won in outcomes}
    unknown = len(outcomes) < MIN_CLOSED or len(kinds) < 2
    assert (told.probability is None) == unknown
    assert told.probability is None or 0 <= told.probability <= 1
    assert told.n == len(outcomes)
    assert told.reason


def test_nine_outcomes_say_nothing_and_ten_do() -> None:
    rows, won = telling(10)
    nine = forecast(fit(rows[:9], won[:9]), rows[0], closed=9)
    assert (nine.probability, nine.base_rate, nine.brier) == (None, None, None)
    assert nine.reason == "закрыто партнёрств: 9, для прогноза нужно 10"
    ten = fit(rows, won)
    assert ten is not None
    assert ten.forecast(rows[1]).probability is not None


def test_one_kind_of_ending_says_nothing() -> None:
    rows, _ = telling(30)
    told = forecast(fit(rows, [True] * 30), rows[0], closed=30)
    assert told.probability is None
    assert told.reason == "все 30 закрытых партнёрств закончились одинаково"


@pytest.mark.parametrize("n", [12, 80])
def test_what_the_features_tell_is_learned(n: int) -> None:
    """Twelve are too few to calibrate; eighty are enough."""
    rows, won = telling(n)
    model = learned(rows, won)
    good, bad = (model.forecast(row).probability for row in ({"score": 0.9}, {"score": 0.1}))
    assert good is not None
    assert bad is not None
    assert good > 0.5 > bad
    assert model.brier is not None
    assert model.brier < 0.25
    assert type(model.pipeline).__name__ == ("CalibratedClassifierCV" if n == 80 else "Pipeline")
    assert model.forecast(rows[0]).reason == f"по {n} закрытым партнёрствам, ошибка Брайера {model.brier:.3f}"


def test_calibration_makes_the_numbers_mean_what_they_say() -> None:
    rows, won = telling(80)
    assert scores(won, out_of_fold(rows, won))[0] < 0.05


def test_where_nothing_is_learned_the_base_rate_is_said() -> None:
    rows, won = silent(40)
    told = learned(rows, won).forecast(rows[0])
    assert (told.probability, told.base_rate, told.n) == (0.25, 0.25, 40)
    assert told.reason.startswith("средняя доля успеха по 40")


def test_one_example_of_a_kind_does_not_teach() -> None:
    rows, _ = telling(20)
    model = learned(rows, [True] + [False] * 19)
    assert (model.forecast(rows[0]).probability, model.brier, model.log_loss) == (0.05, None, None)


def test_the_same_outcomes_make_the_same_forecast() -> None:
    rows, won = telling(60)
    first, second = learned(rows, won), learned(rows, won)
    assert [first.forecast(row) for row in rows] == [second.forecast(row) for row in rows]


def test_a_feature_never_seen_before_changes_nothing() -> None:
    rows, won = telling(20)
    model = learned(rows, won)
    known: Row = {"score": 0.8, "z": 0.5, "method": "six@1"}
    assert model.forecast({**known, "signals:funding": 1.1}) == model.forecast(known)


def test_without_outcomes_scikit_learn_is_not_imported() -> None:
    code = (
        "import sys; from agents.analytics.model import fit, forecast; "
        "forecast(fit([], []), {}, closed=0); sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def learned(rows: list[Row], won: list[bool]) -> Model:
    model = fit(rows, won)
    assert model is not None
    return model
