"""Declension of names: the nominative behind a form, and the forms of a nominative."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scout.inflection import (
    GOVERNED,
    forms,
    nominative,
    nominative_person,
    nominative_place,
    stem,
    stems,
)


@pytest.mark.parametrize(
    ("declined", "preposition", "name"),
    [
        ("Сказбуку", None, "Сказбука"),
        ("СМИлинка", "у", "СМИлинк"),
        ("Мультирегионом", None, "Мультирегион"),
        ("Вортоне", "в", "Вортон"),
        ("МФ Технологий", None, "МФ Технологии"),
        ("Открытой мобильной платформе", "в", "Открытая мобильная платформа"),
        ("Честного знака", "у", "Честный знак"),
        ("Фонда развития интернет-инициатив", None, "Фонд развития интернет-инициатив"),
        ("Жанр", None, "Жанр"),
        ("РДП.ру", None, "РДП.ру"),
        ("Севергрупп", "от", "Севергрупп"),
        ("OpenYard", "в", "OpenYard"),
        ("АВО", "у", "АВО"),
    ],
)
def test_the_nominative_of_a_name(declined: str, preposition: str | None, name: str) -> None:
    assert nominative(declined, GOVERNED.get(preposition or "", ())) == name


def test_persons_and_places() -> None:
    assert nominative_person("Игоря Герасимова") == "Игорь Герасимов"
    assert nominative_person("Софье Квашилавой") == "Софья Квашилава"
    assert nominative_person("Павел Дуров") == "Павел Дуров"
    assert nominative_place("Узбекистане") == "Узбекистан"


@given(st.text(st.sampled_from("абвгдежзийклмнопрстуфхцчшщыьэюя"), min_size=2, max_size=12))
def test_a_form_can_be_looked_up_by_its_stem(word: str) -> None:
    assert word in forms(word)
    for form in forms(word):
        assert stem(form) in stems(word)


def test_a_latin_word_has_one_form() -> None:
    assert forms("OpenYard") == {"openyard"}
