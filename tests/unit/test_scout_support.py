"""What of a model's answer stands: only what the article says to its readers, and in its words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agents.scout.answer import Answer
from agents.scout.extraction import Event, Extraction
from agents.scout.gazetteer import Gazetteer, Known
from agents.scout.lexicon import gazetteer
from agents.scout.page import Page
from agents.scout.support import supported
from agents.scout.wording import place_of
from tests.fakes.twins import company, event

TITLE = "Рынок"
TEXT = (
    "Сообщает «Коммерсантъ». Сервис «Ладейка» за 12,5 млн рублей достался группе «Севертех».\n"
    "В октябре 2026 года Софье Квашилавой доверили дирекцию «Севертеха». "
    "Выручка «Севертеха» — 3 млрд рублей. По слухам, «Севертех» купил «Яндекс». "
    "Модель: «Севертех» купил «Контур» за 7 млн рублей."
)
QUOTE = "Сервис «Ладейка» за 12,5 млн рублей достался группе «Севертех»"
COMPANIES = [company("Севертех", "«Севертех»", "Севертеха"), company("Ладейка"), company("Контур")]
BOUGHT = event("acquisition", "Севертех", "Ладейка", QUOTE, "12,5 млн рублей")


def held(*events: Any, companies: Any = COMPANIES, text: str = TEXT, lists: Any = None) -> Extraction:
    answer = Answer.model_validate({"companies": companies, "events": events})
    page = Page(f"{TITLE}\n{text}")
    listed = lists or [gazetteer(())]
    return supported(page, answer, listed, start=len(TITLE) + 1, published=date(2026, 11, 19))


def test_what_the_article_says_stands_in_its_own_words() -> None:
    said = held(BOUGHT)
    sentence = f"{QUOTE}."
    assert said.events == (
        Event("acquisition", "Севертех", "Ладейка", 12_500_000, date(2026, 11, 19), sentence),
    )
    assert {it.name for it in said.mentions} == {"Севертех", "Ладейка"}
    assert all(TEXT[it.start : it.stop] == it.surface for it in said.mentions)


@pytest.mark.parametrize(
    "change",
    [
        {"quote": ""},
        {"quote": "«Севертех» купил сервис «Ладейка»"},
        {"quote": TITLE},
        {"quote": "Модель: «Севертех» купил «Контур» за 7 млн рублей."},
        {"amount": "125 млн рублей"},
        {"amount": "2,5 млн рублей."},
        {"amount": "3 млрд рублей"},
        {"date": "20 ноября"},
        {"subject": "Яндекс"},
        {"subject": "Вертолёт"},
        {"object": ""},
        {"object": "Контур"},
        {"object": "Севертех"},
        {"object": "корабль"},
        {"object": "Яндекс"},
        {"type": "hiring"},
        {"type": "leadership"},
        {"quote": "По слухам, «Севертех» купил «Яндекс»", "object": "Яндекс", "amount": ""},
    ],
    ids=str,
)
def test_what_it_does_not_say_is_dropped_whole(change: dict[str, str]) -> None:
    given = [*COMPANIES, company("Яндекс")] if change.get("object") == "Яндекс" else COMPANIES
    assert held({**BOUGHT, **change}, companies=given) == Extraction()


@pytest.mark.parametrize(
    "change",
    [
        {"quote": "сервис “ладейка” за  12,5 млн\nрублей…"},
        {"amount": "12,5 млн"},
        {"amount": "12,5 МЛН рублей"},
    ],
    ids=str,
)
def test_case_spacing_and_kinds_of_marks_are_the_same_words(change: dict[str, str]) -> None:
    (told,) = held({**BOUGHT, **change}).events
    assert (told.quote, told.amount_rub) == (f"{QUOTE}.", 12_500_000)


def test_a_person_is_named_in_the_nominative_and_a_month_is_no_day() -> None:
    quote = "В октябре 2026 года Софье Квашилавой доверили дирекцию «Севертеха»."
    (told,) = held({**event("leadership", "Севертех", "Софья Квашилава", quote), "date": "В октябре"}).events
    assert (told.object, told.day) == ("Софья Квашилава", None)


@pytest.mark.parametrize(
    "named",
    [
        company("Злодей", "Ладейка"),
        company("Ладейка", "Ладейка", "Ладья-Плюс"),
        company("сервис"),
        company("Коммерсантъ"),
        company("Ладейка", ""),
    ],
    ids=str,
)
def test_a_name_that_the_article_does_not_have_is_no_company(named: Any) -> None:
    told = {**BOUGHT, "object": named["name"]}
    said = held(told, companies=[COMPANIES[0], named])
    assert not any(mention.name in ("Злодей", "Коммерсантъ") for mention in said.mentions)
    assert said.events == () or said.events[0].object in ("Ладейка", "сервис")


def test_a_known_company_keeps_its_usual_name_and_a_medium_is_none() -> None:
    text = "МойСклад и HeadHunter подписали соглашение. «Коммерсантъ» и HeadHunter подписали соглашение."
    first, second = text.split(". ")
    named = [company("Мой Склад!", "МойСклад"), company("HH", "HeadHunter"), company("Коммерсантъ")]
    told = [
        event("partnership", "Мой Склад!", "HH", first),
        event("partnership", "Коммерсантъ", "HH", second),
    ]
    said = held(*told, companies=named, text=text)
    assert [(it.subject, it.object) for it in said.events] == [("МойСклад", "HeadHunter")]


def test_the_first_list_that_knows_a_place_names_it() -> None:
    ours = Gazetteer([Known("Севертех Групп", ("Севертех",), company_id="c1")])
    said = held(BOUGHT, lists=[ours, gazetteer(())])
    assert said.events[0].subject == "Севертех Групп"
    assert {it.known.company_id for it in said.mentions if it.known} == {"c1"}


@pytest.mark.parametrize(
    ("text", "buyer", "stands"),
    [
        ("Acme acquired Bolt.", "Acme", True),
        ("Acme acquired Bolt.", "Bolt", False),
        ("Bolt was acquired by Acme.", "Acme", True),
        ("Bolt was acquired by Acme.", "Bolt", False),
        ("Bolt is sold to “Acme”.", "Acme", True),
        ("Acme agreed to buy Bolt.", "Acme", True),
        ("Acme may buy Bolt.", "Acme", False),
        ("Rumours say Acme bought Bolt.", "Acme", False),
        ("Did Acme buy Bolt?", "Acme", False),
        ("Acme met Bolt.", "Acme", False),
    ],
)
def test_an_english_sentence_says_by_its_order_who_bought(text: str, buyer: str, stands: bool) -> None:
    other = "Bolt" if buyer == "Acme" else "Acme"
    said = held(
        event("acquisition", buyer, other, text), companies=[company("Acme"), company("Bolt")], text=text
    )
    assert [(it.subject, it.object) for it in said.events] == ([(buyer, other)] if stands else [])


def test_a_word_of_a_name_tells_of_nothing() -> None:
    text = "«Партнёр Плюс» и «Ладейка» выросли."
    told = event("partnership", "Партнёр Плюс", "Ладейка", text)
    assert held(told, companies=[company("Партнёр Плюс"), company("Ладейка")], text=text) == Extraction()


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("ёлка «Икс»", "Наша елка “Икс” растёт", "елка “Икс”"),
        ("360 млн", "за 1360 млн", None),
        ("a.b", "axb", None),
        ("один два", "один два", "один два"),
        ("один два", "один    два", None),
        ("  .", ".", None),
    ],
)
def test_where_words_stand(words: str, text: str, found: str | None) -> None:
    place = place_of(words, text)
    assert (text[place.start : place.stop] if place else None) == found
