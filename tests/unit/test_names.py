"""Company names as keys: what is one name, what is not, and addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.names import domain_in, domain_of, name_key, similarity, slug

NAMES = st.text(
    st.sampled_from("абвгдеёжзийклмнопрстуфхцчшщъыьэюяABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz0123 -."), min_size=1
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Битрикс24", "Bitrix24"),
        ("МойСклад", "MoySklad"),
        ("Мегаплан", "Megaplan"),
        ("Планфикс", "Planfix"),
        ("Хантфлоу", "Huntflow"),
        ("MANGO OFFICE", "Манго Офис"),
        ("ООО «Хэдхантер»", "HeadHunter Group Plc"),
        ("Softline", "Софтлайн"),
        ("Группа Астра", "Astra"),
        ("Яндекс.Такси", "Яндекс Такси"),
        ("1С", "1C"),
        ("Ё-инжиниринг", "Е-Инжиниринг"),
        ("Общество с ограниченной ответственностью «Ромашка»", "Ромашка"),
        ("Cбер", "Сбер"),  # the first С is Latin
    ],
)
def test_one_name_in_two_spellings(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)
    assert similarity(one, other) == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [("Т1", "t2"), ("Т1", "Т-Банк"), ("1С", "1С-Битрикс"), ("Контур", "Контур.Толк"), ("ЭЛМА", "ELMA365")],
)
def test_two_names(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)
    assert similarity(one, other) < 0.92


def test_a_legal_form_alone_is_a_name() -> None:
    assert name_key("Холдинг") == "holding"


@given(NAMES)
def test_case_quotes_and_form_do_not_matter(name: str) -> None:
    key = name_key(name)
    assert name_key(name.upper()) == name_key(name.lower()) == key
    assert name_key(f"«{name}»") == key
    assert bool(key) == any(letter.isalnum() and letter not in "ъьЪЬ" for letter in name)
    if key and not key.isdigit():
        assert key.isascii() and key.isalnum()


@given(NAMES, NAMES)
def test_similarity_is_symmetric_and_at_most_one(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) == similarity(other, one) <= 1


@given(st.text())
def test_a_slug_is_fit_for_an_address(name: str) -> None:
    made = slug(name)
    assert made and made.isascii() and len(made) <= 80
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://www.Kontur.ru/x?y", "kontur.ru"),
        ("hh.ru", "hh.ru"),
        ("http://xn--80aswg.xn--p1ai", "сайт.рф"),
        ("Контур", None),
        ("127.0.0.1", None),
        ("http://[bad", None),
        ("two words.ru", None),
        ("", None),
    ],
)
def test_the_host_of_an_address(address: str, domain: str | None) -> None:
    assert domain_of(address) == domain


def test_a_name_that_is_an_address() -> None:
    assert domain_in("Supl.biz") == "supl.biz"
    assert domain_in("Яндекс.Такси") is None
    assert domain_in("Dr.Web") is None


@given(st.text())
def test_no_text_breaks_the_reading_of_an_address(text: str) -> None:
    host = domain_of(text)
    assert host is None or "." in host
