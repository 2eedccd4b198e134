"""A day is read as it was written; a day without a year is the one nearest to the publication."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scout.dates import days, event_day

MONTHS = [
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
]
DAYS = st.dates(date(1990, 1, 1), date(2089, 12, 31))


def spoken(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"


@given(DAYS, st.none() | DAYS)
def test_a_full_date_is_itself_whenever_it_was_published(day: date, published: date | None) -> None:
    for written in (f"{spoken(day)} {day.year} года", f"{day:%d.%m.%Y}", day.isoformat()):
        assert days(f"Договор подписан {written} в Москве.", published) == [day]


@given(DAYS, st.integers(-180, 180))
def test_a_day_without_a_year_lies_near_the_publication(published: date, off: int) -> None:
    day = published + timedelta(days=off)
    assert days(f"Открыли {spoken(day)}.", published) == [day]


def test_a_leap_day_is_looked_for_in_the_years_around() -> None:
    assert days("29 февраля", date(2025, 1, 10)) == [date(2024, 2, 29)]
    assert days("29 февраля", date(2026, 6, 1)) == []


def test_days_come_in_the_order_of_the_text() -> None:
    text = "2025-02-01 договорились, 3 марта 2024 года начали, 01.04.2023 закончили"
    assert days(text, None) == [date(2025, 2, 1), date(2024, 3, 3), date(2023, 4, 1)]


@pytest.mark.parametrize("clause", ["купил в мае", "купит к 2027 году", "купил в прошлом году"])
def test_a_month_or_a_year_is_no_day(clause: str) -> None:
    assert event_day(clause, clause, date(2026, 1, 5)) is None


def test_two_full_dates_elsewhere_in_the_text_decide_nothing() -> None:
    text = "купил. 1 марта 2024 года открыли, 2 марта 2024 года закрыли."
    assert event_day("купил", text, date(2026, 1, 5)) == date(2026, 1, 5)
    assert event_day("купил", text, None) is None
