"""Amounts and days in a Russian text."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scout.dates import days, event_day
from agents.scout.money import MOST, amounts

PUBLISHED = date(2023, 10, 5)


@pytest.mark.parametrize(
    ("text", "roubles"),
    [
        ("отдала 360 млн рублей", [360_000_000]),
        ("привлекла 3,5 млрд рублей", [3_500_000_000]),
        ("1–1,5 млрд руб.", [1_500_000_000]),
        ("12 800 000 рублей", [12_800_000]),
        ("₽500 млн", [500_000_000]),
        ("RUB 3.5 billion", [3_500_000_000]),
        ("36 млн долларов (3,5 млрд рублей)", [3_500_000_000]),
        ("15 млн долларов", []),
        ("6,75 млн", []),
        ("на 5% больше", []),
        ("выручка составила 3 млрд рублей", []),
        ("1 млрд рублей вместо запланированных 3 млрд рублей", [1_000_000_000]),
        ("9999999 трлн рублей", []),
    ],
)
def test_amounts_in_roubles(text: str, roubles: list[int]) -> None:
    assert [amount.roubles for amount in amounts(text)] == roubles


@given(st.text(st.sampled_from("0123456789 ,.-–млнрдтысубей₽%"), max_size=40))
def test_no_text_makes_an_impossible_amount(text: str) -> None:
    for amount in amounts(text):
        assert 0 <= amount.roubles <= MOST
        assert text[amount.start : amount.stop].strip()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3 октября довёл долю", date(2023, 10, 3)),
        ("27 декабря сообщили", date(2023, 12, 27)),
        ("22 мая 2019 года", date(2019, 5, 22)),
        ("15.04.2022", date(2022, 4, 15)),
        ("2022-04-15", date(2022, 4, 15)),
    ],
)
def test_days(text: str, day: date) -> None:
    assert days(text, PUBLISHED) == [day]


def test_impossible_and_partial_days_are_none() -> None:
    assert days("31 февраля 2020 года и 45 мая", PUBLISHED) == []
    assert days("3 октября", None) == []


def test_the_day_of_an_event() -> None:
    assert event_day("купил 3 октября", "купил 3 октября", PUBLISHED) == date(2023, 10, 3)
    assert event_day("купил", "купил. Об этом 1 октября 2021 года написали.", None) == date(2021, 10, 1)
    assert event_day("купил", "купил", PUBLISHED) == PUBLISHED
    assert event_day("купил в ноябре", "купил в ноябре", PUBLISHED) is None
    assert event_day("купил", "купил", None) is None
