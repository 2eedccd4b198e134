"""Resolving one after another, as the scout does: what one article taught holds for the next."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agents.scout.resolution import Ambiguous, Candidate, Directory, Match, New, resolve
from memory.companies import KnownCompany
from memory.names import name_key

INNS = ("7736207543", "6663003127", "7707083893")


def company(
    id: str, name: str, inn: str | None = None, domain: str | None = None, *aliases: str
) -> KnownCompany:
    return KnownCompany(id, name, name_key(name), inn, domain, aliases)


def test_the_name_decides_among_products_of_one_domain() -> None:
    known = Directory([company("a", "Контур", None, "kontur.ru"), company("b", "Диадок", None, "kontur.ru")])
    assert resolve(Candidate(("Diadok",), domain="kontur.ru"), known) == Match("b", "name")
    assert resolve(Candidate(("Экстерн",), domain="kontur.ru"), known) == New()


def test_the_domain_decides_among_companies_of_one_name() -> None:
    same = [
        company("a", "Контур"),
        company("b", "Контур", None, "k.ru"),
        company("c", "Диадок", None, "k.ru"),
    ]
    assert resolve(Candidate(("Контур",), domain="k.ru"), Directory(same)) == Match("b", "name")
    assert resolve(Candidate(("Контур",)), Directory(same)) == Ambiguous(("a", "b"))


def test_a_slip_in_the_name_is_another_company_at_another_address() -> None:
    known = Directory([company("a", "Открытая платформа", None, "a.ru")])
    assert resolve(Candidate(("Открытая платформы",), domain="b.ru"), known) == New()
    assert resolve(Candidate(("Открытая платформы",), domain="a.ru"), known) == Match("a", "domain")
    assert resolve(Candidate(("Открытая платформы",)), known) == Match("a", "similarity")


def test_two_that_are_alike_stay_unresolved() -> None:
    known = Directory([company("a", "Открытая платформа"), company("b", "Открытая платформе")])
    assert resolve(Candidate(("Открытая платформы",)), known) == Ambiguous(("a", "b"))


def test_a_name_without_letters_is_nobody() -> None:
    assert resolve(Candidate(("«»",)), Directory([company("a", "Альфа")])) == New()


def test_the_inn_decides_against_the_domain_and_the_name() -> None:
    known = Directory([company("a", "Альфа", INNS[0], "a.ru"), company("b", "Бета", INNS[1], "b.ru")])
    assert resolve(Candidate(("Альфа",), INNS[1], "a.ru"), known) == Match("b", "inn")
    assert resolve(Candidate(("Альфа",), INNS[2], "a.ru"), known) == New()


def test_a_company_that_got_its_inn_is_not_met_by_another_one() -> None:
    unnumbered = company("a", "Ромашка", None, "r.ru", "Цветок")
    known = Directory([unnumbered])
    known.add(replace(unnumbered, inn=INNS[0], aliases=()))
    assert resolve(Candidate(("Ромашка",), INNS[1], "r.ru"), known) == New()
    assert resolve(Candidate(("Цветок",), INNS[1]), known) == New()
    assert resolve(Candidate(("Лютик",), domain="r.ru"), known) == Match("a", "domain")


NAMES = st.sampled_from(["Ромашка", "Romashka", "Василёк", "Открытая платформа", "Открытая платформы"])
CANDIDATES = st.builds(
    Candidate,
    names=st.lists(NAMES, min_size=1, max_size=2).map(tuple),
    inn=st.sampled_from([None, *INNS]),
    domain=st.sampled_from([None, "r.ru", "v.ru"]),
)


@given(st.lists(CANDIDATES, max_size=8))
def test_whatever_candidates_come_two_inns_never_become_one_company(candidates: list[Candidate]) -> None:
    known, met = Directory(), dict[str, KnownCompany]()
    inns: dict[str, set[str | None]] = {}
    for candidate in candidates:
        found = resolve(candidate, known)
        if isinstance(found, Ambiguous):
            continue
        name, *aliases = candidate.names
        made = company(str(len(met)), name, candidate.inn, candidate.domain, *aliases)
        one = met[found.company_id] if isinstance(found, Match) else made
        met[one.id] = replace(one, inn=one.inn or candidate.inn)
        known.add(met[one.id])
        inns.setdefault(one.id, set()).update({candidate.inn} - {None})
    assert all(len(numbers) <= 1 for numbers in inns.values())
    numbered = [one.inn for one in met.values() if one.inn]
    assert len(numbered) == len(set(numbered))
