"""The catalogue: numbers of nouns, both languages, values without a name."""

from __future__ import annotations

import re
import string
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import words as words_module
from api.words import NAMES, NOUNS, TEXTS, Words

MOSCOW = timezone(timedelta(hours=3))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 компаний"),
        (1, "1 компания"),
        (2, "2 компании"),
        (4, "4 компании"),
        (5, "5 компаний"),
        (11, "11 компаний"),
        (12, "12 компаний"),
        (14, "14 компаний"),
        (21, "21 компания"),
        (22, "22 компании"),
        (25, "25 компаний"),
        (101, "101 компания"),
        (111, "111 компаний"),
        (1_234_561, "1\u00a0234\u00a0561 компания"),
    ],
)
def test_russian_counts(number: int, said: str) -> None:
    assert Words("ru").count(number, "company") == said


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 pairs"), (1, "1 pair"), (2, "2 pairs"), (1200, "1,200 pairs")]
)
def test_english_counts(number: int, said: str) -> None:
    assert Words("en").count(number, "pair") == said


@given(st.integers(0, 10**9))
def test_the_form_depends_on_the_last_two_digits_alone(number: int) -> None:
    words = Words("ru")
    assert words.count(number, "pair").split()[-1] == words.count(number % 100, "pair").split()[-1]


@given(st.integers(0, 10**6), st.sampled_from(sorted(NOUNS)))
def test_the_teens_always_take_the_last_form(hundreds: int, noun: str) -> None:
    for teen in range(11, 15):
        assert Words("ru").count(hundreds * 100 + teen, noun).endswith(f" {NOUNS[noun][0][2]}")


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_both_languages_are_told_the_same(key: str) -> None:
    russian, english = (_fields(text) for text in TEXTS[key])
    assert russian == english


def _fields(text: str) -> set[str | None]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


def test_each_noun_has_its_forms() -> None:
    for russian, english in NOUNS.values():
        assert len(set(russian)) == 3
        assert len(set(english)) == 2


def test_a_value_without_a_name_is_shown_as_it_is() -> None:
    assert Words("ru").name("status", "on_holiday") == "on_holiday"


@pytest.mark.parametrize("kind", sorted(NAMES))
def test_a_name_is_a_name_in_both_languages(kind: str) -> None:
    for russian, english in NAMES[kind].values():
        assert russian
        assert english.isascii()


def test_shares_and_times_follow_the_language() -> None:
    russian, english = Words("ru", MOSCOW), Words("en", MOSCOW)
    assert (russian.share(0.824), english.share(0.824)) == ("0,82", "0.82")
    at = "2026-11-20T22:30:59Z"
    assert (russian.time(at), english.time(at)) == ("21.11.2026 01:30", "2026-11-21 01:30")
    assert russian.time(None) == "—"


@pytest.mark.parametrize(
    ("rub", "russian", "english"),
    [
        (0, "0,00\u00a0₽", "RUB 0.00"),
        (0.004, "<\u00a00,01\u00a0₽", "RUB <\u00a00.01"),
        (0.019, "0,02\u00a0₽", "RUB 0.02"),
        (1234567.5, "1\u00a0234\u00a0567,50\u00a0₽", "RUB 1,234,567.50"),
        (1999.999, "2\u00a0000,00\u00a0₽", "RUB 2,000.00"),
    ],
)
def test_money_is_never_shown_as_nothing(rub: float, russian: str, english: str) -> None:
    assert (Words("ru").roubles(rub), Words("en").roubles(rub)) == (russian, english)


def test_days_follow_the_language() -> None:
    assert (Words("ru").day("2026-11-20"), Words("en").day("2026-11-20")) == ("20.11.2026", "2026-11-20")


def test_every_text_that_the_screens_ask_for_exists() -> None:
    sources = Path(words_module.__file__).parent
    code = "".join(path.read_text(encoding="utf-8") for path in sources.glob("**/*.py"))
    asked = set(re.findall(r"""\bwords\(\s*["']([\w.]+)["']""", code))
    assert len(asked) > 50
    assert asked <= TEXTS.keys()


def test_an_unknown_text_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Words("ru")("no.such.text")
