"""Known names in a text: every case of a name is found, the common word of the same letters is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scout.gazetteer import Gazetteer, Known
from agents.scout.inflection import forms
from agents.scout.lexicon import brands, gazetteer, others
from agents.scout.page import Page
from memory.companies import KnownCompany

BUNDLED = gazetteer(())


def named(text: str, *, sure: bool = True) -> list[tuple[str, str]]:
    page = Page(text)
    return [
        (text[hit.start : hit.stop], hit.known.name)
        for hit in BUNDLED.find(page)
        if hit.known.kind == "company" and hit.sure is sure
    ]


@pytest.mark.parametrize(
    ("text", "surface", "name"),
    [
        ("Переговоры с «Яндексом» идут.", "Яндексом", "Яндекс"),
        ("Сервис принадлежит Контуру.", "Контуру", "Контур"),
        ("Как у Сбера.", "Сбера", "Сбер"),
        ("Заём «Астры» крупнейший.", "Астры", "Группа Астра"),
        ("Доля в «Открытой мобильной платформе».", "Открытой мобильной платформе", "Открытая мобильная платформа"),  # noqa: E501
        ("Офис Лаборатории Касперского закрыт.", "Лаборатории Касперского", "Лаборатория Касперского"),
        ("Договор с ЛАНИТом.", "ЛАНИТом", "ЛАНИТ"),
        ("Справка о Тинькофф Банке.", "Тинькофф Банке", "Т-Банк"),
        ("Советы hh.ru читателям.", "hh.ru", "HeadHunter"),
        ("Купила Mail.ru Group.", "Mail.ru Group", "Mail.ru Group"),
        ("Модуль для 1С готов.", "1С", "1С"),
    ],
)  # fmt: skip
def test_a_declined_name_is_found(text: str, surface: str, name: str) -> None:
    assert named(text) == [(surface, name)]


@pytest.mark.parametrize(
    "text",
    [
        "Обвели контур задачи.",
        "Заказали такси до дома.",
        "Смотри help.amocrm.ru/setup и https://amocrm.ru/buy.",
        "Письмо на info@kontur.ru.",
        "Слушали оперу и купили пачку чая.",
        "У него slack в расписании.",
        "Точка зрения автора.",
    ],
)
def test_a_common_word_or_an_address_is_no_company(text: str) -> None:
    assert named(text) == []


def test_a_capital_at_the_head_of_a_sentence_proves_nothing() -> None:
    assert named("Контур задачи ясен.") == []
    assert named("Контур задачи ясен.", sure=False) == [("Контур", "Контур")]
    assert named("«Контур» растёт.") == [("Контур", "Контур")]
    assert named("Контур ищет инженеров.") == [("Контур", "Контур")]


def test_the_longest_name_wins() -> None:
    assert [name for _, name in named("Это VK WorkSpace, а не VK.")] == ["VK WorkSpace", "VK"]


def test_an_alias_in_guillemets_counts_only_when_quoted() -> None:
    known = Gazetteer([Known("Восход", ("«Восход»",))])
    assert not known.find(Page("Вышел на Восход."))
    assert known.find(Page("Деньги дал «Восход»."))


@given(st.sampled_from([known.name for known in brands() if known.name.isalpha() and known.name[0] >= "А"]))
def test_every_form_of_every_brand_is_found(name: str) -> None:
    known = Gazetteer([Known(name)])
    for form in forms(name):
        written = name[0] + form[1:] if name[1:].islower() else form.upper()
        assert known.find(Page(f"Речь о «{written}».")), written


def test_our_own_company_takes_over_the_names_of_the_brand() -> None:
    ours = KnownCompany("c1", "hh.ru", "hhru", None, "hh.ru")
    hit = gazetteer([ours]).find(Page("Написал HeadHunter."))[0]
    assert (hit.known.name, hit.known.company_id) == ("hh.ru", "c1")


def test_a_name_of_two_companies_points_at_neither() -> None:
    twins = [KnownCompany(id, "Ромашка", "romashka", inn, None) for id, inn in (("a", "1"), ("b", "2"))]
    hit = gazetteer(twins).find(Page("Выросла «Ромашка»."))[0]
    assert hit.known.company_id is None


def test_no_medium_or_authority_is_listed_as_a_brand() -> None:
    both = {known.name for known in brands()} & {known.name for known in others()}
    assert both == set()
