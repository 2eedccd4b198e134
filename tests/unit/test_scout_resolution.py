"""Which company a name means. Whatever else happens, two INNs are never one company."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scout.resolution import Ambiguous, Candidate, Directory, Match, New, resolve
from memory.companies import KnownCompany
from memory.names import name_key

INNS = ("7736207543", "6663003127", "7707083893")


def company(id: str, name: str, inn: str | None = None, domain: str | None = None) -> KnownCompany:
    return KnownCompany(id, name, name_key(name), inn, domain)


def test_the_inn_decides_first() -> None:
    known = Directory([company("a", "Ромашка", INNS[0]), company("b", "Василёк", INNS[1])])
    assert resolve(Candidate(("Василёк",), INNS[0]), known) == Match("a", "inn")


def test_then_the_domain_then_the_name() -> None:
    known = Directory([company("a", "hh.ru", domain="hh.ru"), company("b", "HeadHunter Кадры")])
    assert resolve(Candidate(("HeadHunter",), domain="hh.ru"), known) == Match("a", "domain")
    assert resolve(Candidate(("Хэдхантер", "hh.ru")), known) == Match("a", "name")
    assert resolve(Candidate(("ООО «HH.RU»",)), known) == Match("a", "name")


def test_an_alias_of_a_company_is_its_name() -> None:
    known = Directory([KnownCompany("a", "Планфикс", "planfiks", None, None, ("План Факс",))])
    assert resolve(Candidate(("План Факс",)), known) == Match("a", "name")


def test_a_slip_in_a_long_name_is_forgiven_and_another_number_is_not() -> None:
    known = Directory([company("a", "Открытая мобильная платформа"), company("b", "Сервер 2000 Системы")])
    assert resolve(Candidate(("Открытая мобильна платформа",)), known) == Match("a", "similarity")
    assert resolve(Candidate(("Сервер 2001 Системы",)), known) == New()


def test_short_names_are_alike_by_chance() -> None:
    known = Directory([company("a", "Т1"), company("b", "Т-Банк"), company("c", "Астра")])
    for name in ("t2", "Т-Банк эквайринг", "Астрал", "Остра"):
        assert resolve(Candidate((name,)), known) == New()


def test_two_companies_of_one_name_stay_two() -> None:
    known = Directory([company("a", "Ромашка", INNS[0]), company("b", "Ромашка", INNS[1], "romashka.ru")])
    assert resolve(Candidate(("Ромашка",)), known) == Ambiguous(("a", "b"))
    assert resolve(Candidate(("Ромашка",), INNS[1]), known) == Match("b", "inn")
    assert resolve(Candidate(("Ромашка",), domain="romashka.ru"), known) == Match("b", "domain")
    assert resolve(Candidate(("Ромашка",), INNS[2]), known) == New()


def test_a_namesake_at_somebody_elses_address_is_another_company() -> None:
    known = Directory([company("a", "Орбита", domain="orbita.ru")])
    assert resolve(Candidate(("Орбита",), domain="orbita-soft.ru"), known) == New()
    assert resolve(Candidate(("Орбита",), domain="orbita.com"), known) == Match("a", "name")
    assert resolve(Candidate(("Орбита",), domain="crm.orbita.ru"), known) == Match("a", "name")
    assert resolve(Candidate(("Орбита",)), known) == Match("a", "name")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Информзащита", "Инфозащита"),
        ("Стройинвестпроект", "Стройинвестпродукт"),
        ("ИП Сидоренко С. А.", "ИП Сидоренко С. Н."),
        ("ИП Никифоров", "ИП Никифорова"),
        ("Мастерская Никифоров", "Мастерская Никифорова"),
        ("Агентство Преображенский", "Агентство Преображенская"),
        ("Строительная палата", "Строительная палатка"),
    ],
)
def test_a_letter_that_makes_another_name_is_no_slip(one: str, other: str) -> None:
    assert resolve(Candidate((other,)), Directory([company("a", one)])) == New()


NAMES = st.sampled_from(
    ["Ромашка", "Ромашко", "Василёк", "Vasilek", "Открытая платформа", "Открытая платформы"]
)
DOMAINS = st.sampled_from([None, "romashka.ru", "v.ru"])


@given(
    st.lists(st.tuples(NAMES, st.sampled_from([None, *INNS]), DOMAINS), max_size=6),
    NAMES,
    st.sampled_from(INNS),
    DOMAINS,
)
def test_two_inns_are_never_merged(
    rows: list[tuple[str, str | None, str | None]], name: str, inn: str, domain: str | None
) -> None:
    known = [company(str(at), *row) for at, row in enumerate(rows)]
    found = resolve(Candidate((name,), inn, domain), Directory(known))
    if isinstance(found, Match):
        assert known[int(found.company_id)].inn in (None, inn)
