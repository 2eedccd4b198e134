"""Which pairs are looked at, and which of them come first."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from agents.compatibility.candidates import KINDS, MEMBERS, candidates, rank
from agents.compatibility.ecosystem import Ecosystem, pair
from agents.compatibility.score import Assessment

COMPANIES = tuple(f"c{number}" for number in range(8))
PAIRS = tuple(combinations(COMPANIES, 2))


def nobody(company: str, k: int) -> list[tuple[str, float]]:
    return []


def test_partners_by_category_come_from_the_best_connected() -> None:
    kinds = {"crm": "crm", **{f"t{n:02}": "telephony" for n in range(MEMBERS + 5)}, "x": "crm"}
    known = Ecosystem.of(kinds, [("t10", "x")])
    found = candidates(["crm"], known, nobody, ())
    assert pair("crm", "t10") in found
    assert len(found) == MEMBERS


def test_a_company_of_unknown_category_is_paired_by_what_it_shares() -> None:
    known = Ecosystem.of({}, [("new", "hub"), ("hub", "other")])
    assert candidates(["new"], known, nobody, ()) == {("new", "other")}


def test_likeness_leads_to_the_partners_of_like_companies_and_never_to_them() -> None:
    def nearest(company: str, k: int) -> list[tuple[str, float]]:
        return {"a": [("twin", 0.9)], "p": [("q", 0.8)]}.get(company, [])

    known = Ecosystem.of({}, [("twin", "partner"), ("a", "p")])
    assert candidates(["a"], known, nearest, ()) == {("a", "partner"), ("a", "q")}


def test_companies_of_one_article_are_paired_when_one_has_news() -> None:
    known = Ecosystem.of({}, ())
    assert candidates(["a"], known, nobody, {("a", "b"), ("c", "d")}) == {("a", "b")}


@given(
    st.dictionaries(st.sampled_from(COMPANIES), st.sampled_from(["crm", "email", "chat"])),
    st.sets(st.sampled_from(PAIRS)),
    st.sets(st.sampled_from(COMPANIES)),
    st.sets(st.sampled_from(PAIRS)),
)
def test_each_candidate_has_news_and_is_not_linked_yet(
    kinds: dict[str, str], links: set[tuple[str, str]], fresh: set[str], together: set[tuple[str, str]]
) -> None:
    known = Ecosystem.of(kinds, links)
    found = candidates(fresh, known, nobody, together)
    assert all(a < b and fresh & {a, b} for a, b in found)
    assert not found & links


def test_candidates_stay_few_however_many_companies_there_are() -> None:
    kinds = {f"{kind}{n}": kind for kind in ("crm", "email", "chat", "telephony") for n in range(500)}
    found = candidates(["crm0"], Ecosystem.of(kinds, ()), nobody, ())
    assert 0 < len(found) <= KINDS * MEMBERS


def _assessed(scores: dict[tuple[str, str], float | None]) -> dict[tuple[str, str], Assessment]:
    return {it: Assessment(score, 0.3, ()) for it, score in scores.items()}


def test_every_company_has_its_first_pair_before_another_has_its_second() -> None:
    scores = {("a", "b"): 0.9, ("a", "c"): 0.8, ("d", "e"): 0.7, ("a", "d"): None}
    assert rank(_assessed(scores), 10) == [("a", "b"), ("d", "e"), ("a", "c")]


@given(st.dictionaries(st.sampled_from(PAIRS), st.none() | st.floats(0, 1)), st.integers(0, 30))
def test_the_budget_is_kept_and_unknown_scores_drop_out(
    scores: dict[tuple[str, str], float | None], budget: int
) -> None:
    found = rank(_assessed(scores), budget)
    known = {it for it, score in scores.items() if score is not None}
    assert len(found) == len(set(found)) == min(budget, len(known))
    assert set(found) <= known
    assert not found or scores[found[0]] == max(scores[it] or 0 for it in known)
