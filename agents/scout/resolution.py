"""Which known company a name means: by INN, then domain, then name, then a name very much alike.

Two different INNs are never one company. Two companies of one name stay two: without an INN or a domain that
decides, the name is ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from memory.companies import KnownCompany
from memory.names import name_key, registered, significant_words, similarity, slips

from .inflection import analyzer, parses

ALIKE = 0.92
SHORTEST = 6
_DIGITS = re.compile(r"\d+")
_PERSON = re.compile(r"\bип\b|индивидуальный предприниматель", re.IGNORECASE)
_SURNAME = re.compile(r"(?:[оеё]в|[иы]н|ск(?:ий|ая)|цк(?:ий|ая))(?:а)?$")


@dataclass(frozen=True)
class Candidate:
    """A company as a text gives it: every name of it, the usual one first, and what numbers it."""

    names: tuple[str, ...]
    inn: str | None = None
    domain: str | None = None


@dataclass(frozen=True)
class Match:
    company_id: str
    by: Literal["inn", "domain", "name", "similarity"]


@dataclass(frozen=True)
class New:
    """No known company."""


@dataclass(frozen=True)
class Ambiguous:
    """Any of these, and nothing says which."""

    company_ids: tuple[str, ...]


class Directory:
    """The known companies, by whatever one can be found by. What is learned of one later holds at once."""

    def __init__(self, companies: Iterable[KnownCompany] = ()) -> None:
        self._companies: dict[str, KnownCompany] = {}
        self._by_inn: dict[str, str] = {}
        self._by_domain: dict[str, list[str]] = {}
        self._by_key: dict[str, list[str]] = {}
        self._by_start: dict[str, list[str]] = {}
        for company in companies:
            self.add(company)

    def add(self, company: KnownCompany) -> None:
        """Add a company, or put what is now known of it in place of what was."""
        self._companies[company.id] = company
        if company.inn:
            self._by_inn[company.inn] = company.id
        if company.domain:
            self._by_domain.setdefault(company.domain, []).append(company.id)
        for key in {company.name_key, *map(name_key, company.aliases)}:
            self._by_key.setdefault(key, []).append(company.id)
        self._by_start.setdefault(company.name_key[:3], []).append(company.id)

    def of_inn(self, inn: str) -> KnownCompany | None:
        return self._companies.get(self._by_inn.get(inn, ""))

    def of_domain(self, domain: str) -> list[KnownCompany]:
        return self._of(self._by_domain.get(domain, ()))

    def of_key(self, key: str) -> list[KnownCompany]:
        return self._of(self._by_key.get(key, ()))

    def near(self, key: str) -> list[KnownCompany]:
        """Companies whose key begins like this one."""
        return self._of(self._by_start.get(key[:3], ()))

    def _of(self, ids: Iterable[str]) -> list[KnownCompany]:
        return [self._companies[id] for id in dict.fromkeys(ids)]


def resolve(candidate: Candidate, known: Directory) -> Match | New | Ambiguous:
    """The company that the candidate is. It has at least one name with letters."""
    if candidate.inn and (company := known.of_inn(candidate.inn)):
        return Match(company.id, "inn")
    by_domain = _compatible(candidate, known.of_domain(candidate.domain)) if candidate.domain else []
    if len(by_domain) == 1:
        return Match(by_domain[0].id, "domain")
    keys = [key for key in map(name_key, candidate.names) if key]
    named = _compatible(candidate, [company for key in keys for company in known.of_key(key)])
    here = [company for company in named if not _elsewhere(candidate, company)]
    named = [company for company in here if company in by_domain] or here
    if named:
        return _only(named, "name")
    alike = [company for company in _near(keys, known) if _is_alike(candidate, company)]
    return _only(_compatible(candidate, alike), "similarity")


def _near(keys: Sequence[str], known: Directory) -> list[KnownCompany]:
    return [company for key in keys for company in known.near(key)]


def _only(found: Sequence[KnownCompany], by: Literal["name", "similarity"]) -> Match | New | Ambiguous:
    ids = tuple(dict.fromkeys(company.id for company in found))
    return New() if not ids else Match(ids[0], by) if len(ids) == 1 else Ambiguous(ids)


def _compatible(candidate: Candidate, found: Iterable[KnownCompany]) -> list[KnownCompany]:
    """Those whose INN does not contradict the candidate's."""
    return [
        company
        for company in found
        if candidate.inn is None or company.inn is None or company.inn == candidate.inn
    ]


def _elsewhere(candidate: Candidate, company: KnownCompany) -> bool:
    """Whether the two have addresses that different firms registered."""
    known = candidate.domain and company.domain
    return bool(known) and registered(candidate.domain or "") != registered(company.domain or "")


def _is_alike(candidate: Candidate, company: KnownCompany) -> bool:
    """A slip in a long name: as many words, the same digits, one wrong letter, no other address."""
    if candidate.domain and company.domain and candidate.domain != company.domain:
        return False
    return any(
        min(len(name_key(name)), len(company.name_key)) >= SHORTEST
        and len(significant_words(name)) == len(significant_words(company.name))
        and _DIGITS.findall(name) == _DIGITS.findall(company.name)
        and similarity(name, company.name) >= ALIKE
        and slips(name, company.name) <= 1
        and not _meant(name, company.name)
        for name in candidate.names
    )


def _meant(name: str, other: str) -> bool:
    """Whether the letter makes another name: that of another person, or two words that both are Russian."""
    if _PERSON.search(name) or _PERSON.search(other):
        return True
    differ = [
        (one, two)
        for one, two in zip(significant_words(name), significant_words(other), strict=True)
        if name_key(one) != name_key(two)
    ]
    return any(
        _surnames(*pair) or (all(map(_is_russian, pair)) and not _forms_of_one(*pair)) for pair in differ
    )


def _surnames(one: str, other: str) -> bool:
    """«Иванов» and «Иванова», «Невский» and «Невская»."""
    return all(map(_SURNAME.search, (one, other)))


def _is_russian(word: str) -> bool:
    return bool(analyzer().word_is_known(word))


def _forms_of_one(one: str, other: str) -> bool:
    return bool({it.normal_form for it in parses(one)} & {it.normal_form for it in parses(other)})
