"""The six factors and the score: symmetric, in range, unknown where the record is thin."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.compatibility.competition import no_competition
from agents.compatibility.complementarity import complementarity
from agents.compatibility.ecosystem import Ecosystem
from agents.compatibility.factors import WEIGHTS, Factor, geography, market, size, tech_stack
from agents.compatibility.profile import Profile, profile_of
from agents.compatibility.score import CONFIDENCE_FLOOR, assess, combine
from agents.compatibility.taxonomy import categories
from memory.models import Company
from memory.names import name_key

NOW = datetime(2026, 11, 20, tzinfo=UTC)
KINDS = sorted(categories())
TOOLS = {letter: letter.upper() for letter in string.ascii_lowercase[:8]}

tools = st.sets(st.sampled_from(sorted(TOOLS))).map(lambda keys: {key: TOOLS[key] for key in keys})
markets = st.frozensets(st.sampled_from(["розница", "медицина", "образование", "финансы"]))
vectors = st.lists(st.floats(-1, 1), min_size=4, max_size=4).filter(lambda it: np.linalg.norm(it) > 0.1)


def unit(values: list[float]) -> np.ndarray:
    return np.asarray(np.array(values) / np.linalg.norm(values), np.float32)


@st.composite
def profiles(draw: st.DrawFn, id: str) -> Profile:
    return Profile(
        id=id,
        name=id,
        key=id,
        category=draw(st.none() | st.sampled_from(KINDS)),
        industry=draw(st.none() | st.sampled_from(["crm", "прочее"])),
        technologies=draw(tools),
        integrations=draw(tools),
        markets=draw(markets),
        mentioned=draw(markets),
        staff=draw(st.none() | st.floats(1, 1e6)),
        country=draw(st.none() | st.sampled_from(["россия", "казахстан"])),
        city=draw(st.none() | st.sampled_from(["москва", "казань"])),
        vector=draw(st.none() | vectors.map(unit)),
    )


pairs = st.tuples(profiles("aa"), profiles("bb"))
factor_lists = st.lists(
    st.builds(Factor, st.sampled_from(sorted(WEIGHTS)), st.none() | st.floats(0, 1)),
    max_size=6,
    unique_by=lambda it: it.name,
)


def ecosystem(a: Profile, b: Profile, links: tuple[tuple[str, str], ...] = ()) -> Ecosystem:
    return Ecosystem.of({it.id: it.category for it in (a, b) if it.category}, links)


@given(pairs)
def test_every_factor_is_symmetric_and_in_range_or_unknown(pair: tuple[Profile, Profile]) -> None:
    a, b = pair
    around = ecosystem(a, b)
    there, back = assess(a, b, around), assess(b, a, around)
    assert [it.value for it in there.factors] == pytest.approx([it.value for it in back.factors])
    assert (there.score, there.confidence) == pytest.approx((back.score, back.confidence))
    for found in there.factors:
        assert found.value is None or 0 <= found.value <= 1
        assert found.value is None or found.evidence, found.name


@given(pairs)
def test_the_six_factors_stand_in_every_assessment_with_their_weights(pair: tuple[Profile, Profile]) -> None:
    found = assess(*pair, ecosystem(*pair)).factors
    assert {it.name: it.weight for it in found} == WEIGHTS
    assert sum(WEIGHTS.values()) == pytest.approx(1)


@given(pairs)
def test_two_empty_records_are_unknown(pair: tuple[Profile, Profile]) -> None:
    a, b = (Profile(id=it.id, name=it.name, key=it.key) for it in pair)
    found = assess(a, b, ecosystem(a, b))
    assert (found.score, found.confidence) == (None, 0)
    assert all(it.value is None for it in found.factors)


@given(factor_lists)
def test_the_score_is_the_mean_of_the_known_and_lies_between_them(factors: list[Factor]) -> None:
    found = combine(factors)
    known = [it.value for it in factors if it.value is not None]
    assert found.confidence == pytest.approx(sum(it.weight for it in factors if it.value is not None))
    if found.score is not None:
        assert min(known) - 1e-9 <= found.score <= max(known) + 1e-9


@given(factor_lists)
def test_an_unknown_factor_changes_neither_score_nor_confidence(factors: list[Factor]) -> None:
    known = [it for it in factors if it.value is not None]
    assert combine(known).score == combine(factors).score
    assert combine(known).confidence == combine(factors).confidence


@given(factor_lists, st.floats(0, 1))
def test_the_score_never_falls_when_a_known_factor_rises(factors: list[Factor], raised: float) -> None:
    before = combine(factors).score
    for place, it in enumerate(factors):
        if it.value is not None and before is not None and raised >= it.value:
            after = combine([*factors[:place], replace(it, value=raised), *factors[place + 1 :]]).score
            assert after is not None and after >= before - 1e-9


@given(factor_lists)
def test_thin_evidence_gives_no_score(factors: list[Factor]) -> None:
    found = combine(factors)
    decisive = any(
        it.value is not None and it.name in ("no_competition", "complementarity") for it in factors
    )
    assert (found.score is not None) == (decisive and found.confidence >= CONFIDENCE_FLOOR)


@given(pairs, st.sampled_from(sorted(TOOLS)))
def test_one_more_technology_in_common_never_lowers_the_overlap(
    pair: tuple[Profile, Profile], key: str
) -> None:
    before = tech_stack(*pair).value
    more = [replace(it, technologies={**it.technologies, key: TOOLS[key]}) for it in pair]
    after = tech_stack(*more).value
    assert before is None or (after is not None and after >= before)


@given(pairs, st.sampled_from(["розница", "госсектор"]))
def test_one_more_market_in_common_never_lowers_the_overlap(pair: tuple[Profile, Profile], name: str) -> None:
    before = market(*pair).value
    after = market(*(replace(it, markets=it.markets | {name}) for it in pair)).value
    assert before is None or (after is not None and after >= before)


@given(st.floats(1, 1e6), st.floats(1, 1e3), st.floats(1, 1e3))
def test_the_further_apart_in_size_the_worse_the_match(staff: float, one: float, two: float) -> None:
    near, far = sorted((one, two))
    values = [size(_with(staff=staff), _with(staff=staff * times)).value for times in (1, near, far)]
    assert values[0] == 1
    assert sorted(values, reverse=True) == values


@given(vectors, vectors, st.sampled_from(KINDS), st.sampled_from(KINDS))
def test_the_more_alike_the_descriptions_the_more_they_compete(
    one: list[float], other: list[float], kind: str, second: str
) -> None:
    a, b, twin = (
        _with(category=kind, vector=unit(one)),
        _with(category=second, vector=unit(other)),
        _with(category=second, vector=unit(one)),
    )
    far, near = no_competition(a, b).value, no_competition(a, twin).value
    assert far is not None and near is not None and near <= far


def _with(**known: Any) -> Profile:
    return Profile(id="x", name="Икс", key="x", **known)


def _company(**known: Any) -> Company:
    name = known.pop("name", "Икс")
    return Company(
        id="1", name=name, slug="x", name_key=name_key(name), created_at=NOW, updated_at=NOW, **known
    )


@pytest.mark.parametrize(
    ("a", "b", "value"),
    [
        ({"city": "москва", "country": "россия"}, {"city": "москва", "country": "россия"}, 1.0),
        ({"city": "москва", "country": "россия"}, {"city": "казань", "country": "россия"}, 0.6),
        ({"country": "россия"}, {"country": "казахстан"}, 0.2),
        ({"city": "москва"}, {"city": "казань"}, None),
        ({"country": "россия"}, {}, None),
    ],
)
def test_geography(a: dict[str, str], b: dict[str, str], value: float | None) -> None:
    assert geography(_with(**a), _with(**b)).value == value


def test_short_lists_of_integrations_are_evidence_but_no_measure() -> None:
    a, b = (
        _with(integrations={"b24": "Битрикс24"}),
        _with(integrations={"b24": "Битрикс24", "amo": "amoCRM"}),
    )
    found = tech_stack(a, b)
    assert found.value is None
    assert found.evidence == ("Общее в стеке и интеграциях: Битрикс24",)


def test_the_two_products_are_not_part_of_their_common_stack() -> None:
    lists = {"bb": "B", "aa": "A", "c": "C", "d": "D", "e": "E"}
    a = Profile(id="a", name="A", key="aa", integrations=lists)
    b = Profile(id="b", name="B", key="bb", integrations=lists)
    assert tech_stack(a, b).evidence == ("Общее в стеке и интеграциях: C, D, E",)


def test_unlike_markets_count_only_when_both_list_them() -> None:
    listed = (_with(markets=frozenset({"медицина"})), _with(markets=frozenset({"розница"})))
    mentioned = (_with(mentioned=frozenset({"медицина"})), _with(mentioned=frozenset({"розница"})))
    assert market(*listed).value == 0.25
    assert market(*mentioned).value is None


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [
        ({"category": "crm"}, {"category": "crm"}, 0.0, 0.3),
        ({"category": "crm"}, {"category": "industry_crm"}, 0.4, 0.7),
        ({"category": "crm"}, {"category": "telephony"}, 0.8, 1.0),
        ({"industry": "строительный софт"}, {"industry": "строительный софт"}, 0.0, 0.3),
    ],
)
def test_competition_by_category(a: dict[str, str], b: dict[str, str], low: float, high: float) -> None:
    value = no_competition(_with(**a), _with(**b)).value
    assert value is not None and low <= value <= high


def test_without_categories_only_like_descriptions_say_anything() -> None:
    same, other = unit([1, 0, 0, 0]), unit([0, 1, 0, 0])
    assert no_competition(_with(vector=same), _with(vector=same)).value == 0
    assert no_competition(_with(vector=same), _with(vector=other)).value is None
    assert no_competition(_with(vector=same), _with()).value is None


def test_likeness_is_no_complementarity() -> None:
    """Invariant 8: two CRMs described alike score low however alike they are."""
    alike = unit([1, 0, 0, 0])
    crm = _with(category="crm", vector=alike)
    twin = replace(crm, id="twin")
    phones = replace(crm, id="phones", category="telephony", vector=unit([0, 1, 0, 0]))
    around = Ecosystem.of({it.id: it.category or "" for it in (crm, twin, phones)}, ())
    rivals, partners = assess(crm, twin, around), assess(crm, phones, around)
    assert rivals.score is not None and rivals.score < 0.2
    assert partners.score is not None and partners.score > 0.8


def test_complementarity_is_unknown_without_a_category_and_says_what_it_knows() -> None:
    a, b = _with(category="crm"), replace(_with(category="telephony"), id="y", name="Игрек")
    found = complementarity(a, b, ecosystem(a, b, (("x", "y"),)))
    assert found.value is not None and found.value > 0.8
    assert found.evidence[-1] == "Продукты уже интегрированы; в оценке это не учтено"
    assert complementarity(replace(a, id="z"), b, ecosystem(a, b)).value is None


def test_profile_of_a_row() -> None:
    row = _company(
        industry=" CRM ",
        description="CRM для интернет-магазинов",
        integrations=["Битрикс24", "Bitrix24", " "],
        markets=["Медицина", "B2G"],
        staff_range="50-200",
        country="Россия",
        city="г. Москва",
    )
    found = profile_of(row, sources={"industry": ("e1",)})
    assert (found.category, found.industry) == ("crm", "crm")
    assert list(found.integrations.values()) == ["Bitrix24"]
    assert found.markets == {"медицина", "b2g"}
    assert found.mentioned == {"интернет-магазины"}
    assert found.staff == 100
    assert (found.country, found.city) == ("россия", "москва")
    assert found.evidence("industry", "city") == ("e1",)


@pytest.mark.parametrize(
    ("text", "staff"), [("1000+", 1000), ("10–40", 20), ("много", None), ("", None), ("0-1", 1)]
)
def test_staff_of_a_range(text: str, staff: float | None) -> None:
    assert profile_of(_company(staff_range=text)).staff == staff


@pytest.mark.parametrize(
    ("row", "vendor"),
    [
        ({"industry": "CRM"}, True),
        ({"description": "Нечто для бизнеса"}, True),
        ({}, False),
        ({"industry": "CRM", "active": False}, False),
        ({"industry": "CRM", "deleted_at": NOW}, False),
        ({"industry": "CRM", "business_model": "B2C"}, False),
    ],
)
def test_who_counts_as_a_vendor(row: dict[str, Any], vendor: bool) -> None:
    assert profile_of(_company(**row)).vendor is vendor
