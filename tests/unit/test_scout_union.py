"""Rules and a model together: the model adds, and takes nothing away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from agents.scout import asked, reading
from agents.scout.answer import Answer
from agents.scout.asked import Said
from agents.scout.state import ArticleData
from agents.scout.union import united
from memory.models import Article
from tests.fakes.twins import company, event

BY = "acme/writer extract.ru@0"
BOUGHT = "«Яндекс» купил «Битрикс24» за 3 млрд рублей."
DEAL = "После сделки за 12 млн рублей сервис «Ладейка» — часть бизнеса группы «Севертех»."
ARTICLE = Article(
    id="a",
    feed_id="f",
    fingerprint="a",
    title="Новости",
    text=f"{BOUGHT} {DEAL}",
    lang="ru",
    published_at=datetime(2026, 11, 19, tzinfo=UTC),
    fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
)
ALL = [company(name) for name in ("Яндекс", "Битрикс24", "Ладейка", "Севертех")]


@pytest.fixture(scope="module")
def rules() -> ArticleData:
    (data,) = reading.read([ARTICLE], [])
    assert [it["type"] for it in data["events"]] == ["acquisition"]
    return data


def both(rules: ArticleData, *events: Any) -> ArticleData:
    said = Said(Answer.model_validate({"companies": ALL, "events": events}), BY)
    (data,) = united([ARTICLE], [rules], {"a": said}, [])
    return data


def test_without_an_answer_the_rules_stand(rules: ArticleData) -> None:
    assert united([ARTICLE], [rules], {}, []) == [rules]


def test_silence_takes_nothing_away(rules: ArticleData) -> None:
    assert both(rules) == rules


def test_what_is_new_is_added_with_its_companies_and_reader(rules: ArticleData) -> None:
    data = both(rules, event("acquisition", "Севертех", "Ладейка", DEAL, "12 млн рублей"))
    own, new = data["events"]
    assert own == rules["events"][0] and own["read_by"] == "rules"
    assert (new["subject"], new["object"], new["amount_rub"]) == ("Севертех", "Ладейка", 12_000_000)
    read_by = {it["name"]: it["read_by"] for it in data["spots"]}
    assert (read_by["Яндекс"], read_by["Ладейка"], new["read_by"]) == ("rules", f"rules; {BY}", BY)


@pytest.mark.parametrize(
    ("subject", "other", "amount"),
    [("Яндекс", "Битрикс24", "3 млрд рублей"), ("Яндекс", "Битрикс24", ""), ("Битрикс24", "Яндекс", "")],
)
def test_of_the_same_sides_the_rules_telling_stands(
    rules: ArticleData, subject: str, other: str, amount: str
) -> None:
    data = both(rules, event("acquisition", subject, other, BOUGHT, amount))
    (told,) = data["events"]
    assert told == {**rules["events"][0], "read_by": f"rules; {BY}"}
    read_by = {it["name"]: it["read_by"] for it in data["spots"]}
    assert read_by["Яндекс"] == read_by["Битрикс24"] == told["read_by"]


def test_what_a_finding_hides_from_the_rules_it_hides_from_the_model() -> None:
    text = "МойСклад запустил модуль обмена с InSales."
    article = Article(**{**ARTICLE.model_dump(), "text": text})
    (rules,) = reading.read([article], [])
    (own,) = rules["events"]
    assert own["type"] == "integration"
    told = event("launch", own["subject"], "", text)
    said = Said(Answer.model_validate({"companies": [company(own["subject"])], "events": [told]}), BY)
    (data,) = united([article], [rules], {"a": said}, [])
    assert data["events"] == [own]


class Refusing:
    """Whoever is asked here may not be."""

    def can_ask(self, agent: str, **asker: Any) -> bool:
        return False


async def test_where_no_model_may_be_asked_none_is_and_that_is_no_problem() -> None:
    told = await asked.ask(Refusing(), [ARTICLE], "t")  # type: ignore[arg-type]
    assert (told.by_article, told.problems) == ({}, [])
