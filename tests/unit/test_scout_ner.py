"""Companies that no list knows: found by what the text says around their names."""

from __future__ import annotations

import pytest

from agents.scout.extraction import extract, organisations
from agents.scout.lexicon import gazetteer

NAMES = gazetteer(())


def companies(text: str, title: str = "") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for mention in extract(text, NAMES, title=title).mentions:
        found.setdefault(mention.name, []).append(mention.surface)
    return found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Компания «Рободиалог» делает ботов.", "Рободиалог"),
        ("Рост показал оператор «Жанр» из Владимира.", "Жанр"),
        ("ООО «Кодэ» растёт.", "Кодэ"),
        ("Опыт «Квантории», разработчика тренажёров, изучили.", "Квантория"),
        ("Деньги дал Vega Capital.", "Vega Capital"),
        ("Интегратор DrupalJedi собрал модуль.", "DrupalJedi"),
        ("Оценили AI-стартап Dbrain.", "Dbrain"),
        ("Акции «Вортона» подорожали, «Вортон» доволен.", "Вортон"),
    ],
)
def test_an_unknown_company(text: str, name: str) -> None:
    assert name in companies(text)


@pytest.mark.parametrize(
    "text",
    [
        "Об этом пишет «Деловой вестник».",
        "Приложение «Попутчик» обновили.",
        "Доклад прочли на форуме «Технопром-2025».",
        "Встреча прошла в доме «Зингер» на Невском.",
        "Данные есть в ЕГРЮЛ и у ФНС.",
        "Отчёт подготовил Минюст вместе с ЦБ.",
        "Сервер работает на Linux и WebRTC.",
        "Автор заметки Alexander Marrow.",
        "Программисты любят слово «рефакторинг».",
        "Пресса вспомнила разработчика гибридного «Ё-мобиля».",
    ],
)
def test_what_is_no_company(text: str) -> None:
    assert companies(text) == {}


def test_the_nominative_is_taken_from_wherever_it_stands() -> None:
    text = "Завершена покупка «СМИлинка». Агентство «СМИлинк» станет дочерним."
    assert companies(text)["СМИлинк"] == ["СМИлинка", "СМИлинк"]


def test_initials_and_short_forms_belong_to_the_full_name() -> None:
    text = "Пакет Universal Mobile Systems передан. Не путайте UMS с другими."
    assert companies(text) == {"Universal Mobile Systems": ["Universal Mobile Systems", "UMS"]}
    assert companies("Автор из Runa Capital. Рассуждения Runa.") == {"Runa Capital": ["Runa Capital", "Runa"]}


def test_the_title_explains_the_text() -> None:
    assert companies("Сервисы объединили в MCS.") == {}
    assert companies("Сервисы объединили в MCS.", "Mail.ru Cloud Solutions: начало") == {
        "Mail.ru Cloud Solutions": ["MCS"]
    }


def test_a_neighbour_in_a_list_is_a_company_too() -> None:
    assert "Эл 6" in companies("Среди получателей были «Тензор», «Эл 6» и «Астрал-Софт».")


def test_in_another_language_only_known_names_count() -> None:
    assert list(companies("Yandex and Foobar Dynamics announced a partnership on Monday.")) == ["Яндекс"]


def test_organisations_have_the_authorities_and_media_too() -> None:
    text = "Об этом «Ведомостям» сообщил Минюст, сделку ведёт «Ромашка-Телеком»."
    found = [text[span.start : span.stop] for span in organisations(text, NAMES)]
    assert {"Ведомостям", "Минюст", "Ромашка-Телеком"} <= set(found)
