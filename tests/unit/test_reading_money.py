"""Any amount that a newspaper may print is read as the number it was; other money is no amount."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scout.money import amounts

ROUBLES = st.sampled_from(["рублей", "руб.", "₽", "рубля"])
SCALES = {"тыс.": 10**3, "млн": 10**6, "миллионов": 10**6, "млрд": 10**9, "миллиарда": 10**9, "трлн": 10**12}


def read(text: str) -> list[int]:
    return [amount.roubles for amount in amounts(text)]


@given(st.integers(1, 10**12), st.sampled_from(["", " ", "\u00a0", "\u202f"]), ROUBLES)
def test_a_whole_number_is_read_however_its_thousands_are_set(number: int, gap: str, unit: str) -> None:
    assert read(f"Сделка на {f'{number:,}'.replace(',', gap)} {unit} закрыта") == [number]


@given(st.integers(1, 999), st.integers(0, 9), st.sampled_from(sorted(SCALES)), ROUBLES)
def test_a_decimal_of_thousands_and_more_is_exact(whole: int, tenth: int, scale: str, unit: str) -> None:
    assert read(f"за {whole},{tenth} {scale} {unit}") == [(10 * whole + tenth) * SCALES[scale] // 10]


@pytest.mark.parametrize("unit", ["долларов", "евро", "тенге", "юаней", "сотрудников", "%", "$"])
@given(number=st.integers(1, 9999), scale=st.sampled_from(["", "тыс. ", "млн ", "млрд "]))
def test_what_is_not_in_roubles_is_no_amount(unit: str, number: int, scale: str) -> None:
    assert read(f"стоит {number} {scale}{unit} в год") == []


def test_each_amount_is_found_where_it_stands() -> None:
    text = "Сначала заплатили 2600 рублей, потом 160 млн рублей."
    first, second = amounts(text)
    assert (first.roubles, second.roubles) == (2600, 160_000_000)
    assert text[first.start : first.stop].strip() == "2600 рублей"
    assert text[second.start : second.stop].strip() == "160 млн рублей"
