"""How likely two products are to integrate, learned from every other pair."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.compatibility.ecosystem import Ecosystem, pair
from agents.compatibility.landscape import links
from agents.compatibility.priors import prior_lift
from memory.names import name_key
from memory.partnerships import Listing

KINDS = ("crm", "telephony", "email", "payments")
COMPANIES = tuple(f"c{number}" for number in range(7))
PAIRS = tuple(combinations(COMPANIES, 2))

categories = st.fixed_dictionaries({it: st.sampled_from(KINDS) for it in COMPANIES})
link_sets = st.sets(st.sampled_from(PAIRS))


@given(categories, link_sets, st.sampled_from(PAIRS))
def test_whether_the_pair_itself_is_linked_changes_nothing(
    kinds: dict[str, str], linked: set[tuple[str, str]], asked: tuple[str, str]
) -> None:
    known, left_out = Ecosystem.of(kinds, linked | {asked}), Ecosystem.of(kinds, linked - {asked})
    there, back, without = known.expect(*asked), known.expect(*asked[::-1]), left_out.expect(*asked)
    assert there is not None and back is not None and without is not None
    assert there.lift == pytest.approx(without.lift) == pytest.approx(back.lift)
    assert there.rate == pytest.approx(without.rate)
    assert there.peers == without.peers
    assert there.degrees == without.degrees


@given(categories, link_sets, st.sampled_from(PAIRS))
def test_a_rate_is_a_probability_and_unknown_without_links(
    kinds: dict[str, str], linked: set[tuple[str, str]], asked: tuple[str, str]
) -> None:
    found = Ecosystem.of(kinds, linked).expect(*asked)
    assert found is not None and found.lift > 0
    assert (found.rate is None) == (not linked - {asked})
    assert found.rate is None or 0 < found.rate <= 1


def test_the_rates_add_up_to_the_links_that_are_known() -> None:
    kinds = {f"crm{n}": "crm" for n in range(10)} | {f"tel{n}": "telephony" for n in range(10)}
    known = Ecosystem.of(kinds, [(f"crm{n}", f"tel{n}") for n in range(10)])
    rates = [found.rate for it in combinations(kinds, 2) if (found := known.expect(*it)) and found.rate]
    assert sum(rates) == pytest.approx(10, rel=0.2)


def test_an_average_pair_of_a_large_market_has_a_lift_of_one() -> None:
    kinds = {f"{kind}{n}": kind for kind in ("crm", "telephony", "email", "payments") for n in range(12)}
    known = Ecosystem.of(kinds, ())
    lifts = [found.lift for it in combinations(kinds, 2) if (found := known.expect(*it))]
    assert sum(lifts) / len(lifts) == pytest.approx(1, abs=0.1)


def test_without_links_general_knowledge_ranks() -> None:
    kinds = {"a": "crm", "b": "telephony", "c": "crm"}
    known = Ecosystem.of(kinds, ())
    partners, rivals = known.expect("a", "b"), known.expect("a", "c")
    assert partners is not None and rivals is not None
    assert partners.lift / rivals.lift == pytest.approx(
        prior_lift("crm", "telephony") / prior_lift("crm", "crm")
    )


def test_links_between_two_categories_raise_their_lift() -> None:
    kinds = {f"{kind}{n}": kind for kind in ("seo", "logistics", "crm") for n in range(6)}
    links = [(f"seo{n}", f"logistics{n}") for n in range(1, 6)]
    before = Ecosystem.of(kinds, [("crm0", "seo0")]).expect("seo0", "logistics0")
    after = Ecosystem.of(kinds, [("crm0", "seo0"), *links]).expect("seo0", "logistics0")
    assert before is not None and after is not None and after.lift > before.lift
    assert after.peers == tuple(pair(*it) for it in links)


def test_a_hub_is_likelier_than_a_product_nobody_links_to() -> None:
    kinds = {"hub": "crm", "lone": "crm", **{f"t{n}": "telephony" for n in range(6)}}
    known = Ecosystem.of(kinds, [("hub", f"t{n}") for n in range(1, 6)])
    hub, lone = known.expect("hub", "t0"), known.expect("lone", "t0")
    assert hub is not None and lone is not None and hub.lift > 2 * lone.lift
    assert known.members("crm") == ["hub", "lone"]
    assert known.promising("telephony")[0] == "crm"


def test_an_unknown_category_is_expected_to_do_nothing() -> None:
    assert Ecosystem.of({"a": "crm"}, [("a", "b")]).expect("a", "b") is None
    assert Ecosystem.of({"a": "crm"}, [("a", "b")]).degree("a") == 0


def _listing(id: str, name: str, *integrations: str) -> Listing:
    return Listing(id, name, name_key(name), None, None, integrations)


def test_links_follow_the_names_however_they_are_spelled() -> None:
    listed = (
        _listing("1", "Битрикс24"),
        _listing("2", "UIS", "Bitrix24", "UIS", "Неизвестный"),
        _listing("3", "Контур", "ООО «Битрикс24»"),
    )
    assert links(listed) == {("1", "2"), ("1", "3")}


def test_a_name_that_two_companies_bear_links_neither() -> None:
    assert links((_listing("1", "Альфа"), _listing("2", "Альфа"), _listing("3", "Бета", "Альфа"))) == set()
