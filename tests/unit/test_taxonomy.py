"""Categories and markets by rules, and the general knowledge of which categories integrate."""

from __future__ import annotations

from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agents.compatibility import priors
from agents.compatibility.priors import neighbours, prior_lift
from agents.compatibility.taxonomy import categories, categorise, markets_in, nearest, samples

KINDS = sorted(categories())


@pytest.mark.parametrize(
    ("industry", "description", "category"),
    [
        ("рассылки", None, "email"),
        ("Email marketing", None, "email"),
        ("Live chat", None, "chat"),
        ("ATS / HR", None, "ats"),
        ("отраслевая CRM", "CRM-система для учебных центров", "industry_crm"),
        ("CRM", "CRM для интернет-магазинов: заказы, клиенты", "crm"),
        ("складской учёт", None, "erp"),
        ("Cloud / hosting", None, "hosting"),
        ("ЭДО", None, "edm"),
        (None, "Виртуальная АТС и коллтрекинг для бизнеса", "telephony"),
        (None, "Живая музыка и театр", None),
        ("прочее", "Приём онлайн-платежей для сайтов", "payments"),
        (None, None, None),
        ("", "", None),
    ],
)
def test_category_of(industry: str | None, description: str | None, category: str | None) -> None:
    assert categorise(industry, description) == category


@pytest.mark.parametrize(
    ("description", "category"),
    [("Платформа вакансий и резюме", "job_board"), ("ATS: автоматизация подбора персонала", "ats")],
)
def test_a_word_of_two_categories_is_decided_by_the_description(description: str, category: str) -> None:
    assert categorise("подбор", description) == category


def test_what_the_source_calls_its_category_outweighs_the_description() -> None:
    assert categorise("BPM", "Low-code платформа с CRM, CRM-системой и воронками") == "bpm"


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_gives_a_known_category_or_none(industry: str, description: str) -> None:
    assert categorise(industry, description) in {None, *KINDS}


def test_markets_named_in_a_text() -> None:
    assert markets_in("CRM для медицинских центров и салонов") == {"медицина", "салоны и фитнес"}
    assert markets_in("Маркетплейс приложений") == frozenset()
    assert markets_in(None) == frozenset()


def test_nearest_sample_must_be_near_and_clearly_nearer_than_the_next() -> None:
    keys, vectors = ("crm", "email", "chat"), np.eye(3, dtype=np.float32)
    assert nearest(np.array([0.9, 0.1, 0.1], np.float32), keys, vectors) == "crm"
    assert nearest(np.array([0.2, 0.1, 0.1], np.float32), keys, vectors) is None
    assert nearest(np.array([0.7, 0.69, 0.0], np.float32), keys, vectors) is None


def test_every_category_can_be_shown_and_told() -> None:
    for key, category in categories().items():
        assert category.hub > 0, key
        for texts in (category.label, category.brings, category.place):
            assert texts.keys() == {"ru", "en"} and all(texts.values()), key
        assert samples()[key]


def test_prior_lift_is_symmetric_and_positive() -> None:
    for a, b in combinations_with_replacement(KINDS, 2):
        assert prior_lift(a, b) == prior_lift(b, a) > 0, (a, b)
        assert neighbours(a, b) == neighbours(b, a), (a, b)


def test_products_of_one_category_integrate_less_than_an_average_pair() -> None:
    assert all(prior_lift(kind, kind) < 0.5 for kind in KINDS)


def test_the_priors_name_known_categories_and_each_pair_once() -> None:
    data = yaml.safe_load(Path(priors.__file__).with_suffix(".yaml").read_text("utf-8"))
    pairs = [tuple(sorted((a, b))) for a, row in data["lifts"].items() for b in row]
    named = {kind for pair in pairs for kind in pair} | {kind for it in data["neighbours"] for kind in it}
    assert named <= set(KINDS)
    assert sorted({it for it in pairs if pairs.count(it) > 1}) == []
