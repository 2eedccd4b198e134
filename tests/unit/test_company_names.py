"""What a company is told apart by: the key of its name, its address, its tax and registry numbers."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.names import domain_of, name_key, significant_words, slug
from memory.numbers import is_inn, is_ogrn

VENDORS = Path("evals/datasets/companies/vendors.csv")

# Words that are no legal form themselves.
WORDS = st.lists(
    st.sampled_from(["Мегаплан", "Альфа", "Сервис", "Kaiten", "Pyrus", "365", "Ёлка"]), min_size=1, max_size=3
)
FORMS = st.sampled_from(
    ["ООО", "АО", "ПАО", "ЗАО", "ИП", "ГК", "LLC", "Inc.", "Ltd", "GmbH", "Группа компаний", "Holding"]
)
QUOTES = st.sampled_from(["{}", "«{}»", '"{}"', "“{}”", "'{}'"])


@given(WORDS, FORMS, QUOTES, st.booleans())
def test_a_legal_form_quotes_and_case_change_no_key(
    words: list[str], form: str, quotes: str, first: bool
) -> None:
    name = " ".join(words)
    quoted = quotes.format(name)
    written = f"{form} {quoted}" if first else f"{quoted}, {form}"
    assert name_key(written) == name_key(written.upper()) == name_key(name)
    assert significant_words(written) == significant_words(name)


@given(WORDS)
def test_spaces_and_hyphens_between_words_change_no_key(words: list[str]) -> None:
    assert name_key("-".join(words)) == name_key(" ".join(words)) == name_key("  ".join(words))


@given(st.lists(st.sampled_from(["Мегаплан", "Планфикс", "Хантфлоу", "Kaiten", "24"]), min_size=1))
def test_the_key_of_a_key_is_itself(words: list[str]) -> None:
    key = name_key(" ".join(words))
    assert name_key(key) == key


def test_a_bracketed_form_between_the_words_is_no_part_of_the_name() -> None:
    assert name_key("Мегаплан (ООО)") == name_key("ООО Мегаплан") == name_key("Megaplan")


def test_no_two_vendors_share_a_key() -> None:
    with VENDORS.open(encoding="utf-8") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    assert len({name_key(name) for name in names}) == len(names) == 54


def test_short_names_with_one_letter_in_common_stay_apart() -> None:
    names = ["Т1", "t2", "T2 Корпоративная АТС", "Т-Банк", "Т-Банк эквайринг", "T-Bank Labs", "Т"]
    assert len({name_key(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("ООО «Мой Склад»", "moy-sklad"),
        ("Яндекс.Такси", "yandeks-taksi"),
        ("Ёлка & Co", "elka"),
        ("Hélène", "helene"),
        ("日本", "company"),
        ("«»", "company"),
    ],
)
def test_the_slug_of_a_name(name: str, address: str) -> None:
    assert slug(name) == address


def test_a_host_in_wrong_punycode_stays_as_it_is_written() -> None:
    assert domain_of("https://xn--99999999999.ru/") == "xn--99999999999.ru"


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("HTTPS://WWW.Kaiten.RU:8443/a?b#c", "kaiten.ru"),
        ("//kaiten.ru", "kaiten.ru"),
        ("user@kaiten.ru.", "kaiten.ru"),
        (" сайт.рф ", "сайт.рф"),
        ("-bad-.ru", None),
        ("a..ru", None),
        ("localhost", None),
    ],
)
def test_the_domain_in_an_address(address: str, host: str | None) -> None:
    assert domain_of(address) == host


@pytest.mark.parametrize("inn", ["7736207543", "6663003127", "7707083893", "500100732259"])
def test_a_valid_inn(inn: str) -> None:
    assert is_inn(inn)


@pytest.mark.parametrize(
    "text",
    [
        "7736207544",
        "500100732250",
        "773620754",
        "77362075430",
        "0000000000",
        "",
        "77 36207543",
        "７７３６２０７５４３",
    ],
)
def test_no_inn(text: str) -> None:
    assert not is_inn(text)


@pytest.mark.parametrize("ogrn", ["1027700229193", "1026605606620", "1022600000092", "304500116000157"])
def test_a_valid_ogrn(ogrn: str) -> None:
    assert is_ogrn(ogrn)


@pytest.mark.parametrize(
    "text",
    ["1022600000093", "304500116000158", "104500116000157", "10226000000920", "", "1022600000092 ", "x" * 13],
)
def test_no_ogrn(text: str) -> None:
    assert not is_ogrn(text)


@given(st.integers(10_000_000, 999_999_999))
def test_nine_digits_have_one_check_digit(head: int) -> None:
    assert sum(is_inn(f"{head:09d}{check}") for check in range(10)) == 1


@given(st.integers(100_000_000, 9_999_999_999))
def test_ten_digits_of_a_person_have_one_pair_of_check_digits(head: int) -> None:
    assert sum(is_inn(f"{head:010d}{check:02d}") for check in range(100)) == 1


@given(st.integers(10**11, 2 * 10**11 - 1))
def test_twelve_digits_of_an_ogrn_have_one_check_digit(head: int) -> None:
    assert sum(is_ogrn(f"{head}{check}") for check in range(10)) == 1


@given(st.integers(3 * 10**13, 5 * 10**13 - 1))
def test_fourteen_digits_of_an_ogrnip_have_one_check_digit(head: int) -> None:
    assert sum(is_ogrn(f"{head}{check}") for check in range(10)) == 1


@given(st.text())
def test_no_text_breaks_the_checks(text: str) -> None:
    assert not is_inn(text) or len(text) in (10, 12)
    assert not is_ogrn(text) or len(text) in (13, 15)
