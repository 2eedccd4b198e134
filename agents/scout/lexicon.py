"""The word lists of the scout, read once from the files beside this module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from memory.companies import KnownCompany
from memory.names import name_key

from .gazetteer import Gazetteer, Known


@cache
def brands() -> tuple[Known, ...]:
    """Well-known companies of the market by the names that news uses for them."""
    return tuple(_brand(line) for line in _lines("brands.txt"))


@cache
def others() -> tuple[Known, ...]:
    """Media, authorities, exchanges and technologies, which news names without being about them."""
    found, kind = [], ""
    for line in _lines("others.txt"):
        if line.startswith("["):
            kind = line.strip("[]")
            continue
        found += [Known(name, kind=kind) for name in _split(line)]
    return tuple(found)


def gazetteer(companies: Iterable[KnownCompany]) -> Gazetteer:
    """The names of our companies, then of well-known ones, then of what is no company.

    A company that is a well-known brand too is found by the brand's names; a name that several companies have
    points at none of them.
    """
    ours = [*companies]
    shared = Counter(company.name_key for company in ours)
    famous = {key: brand for brand in brands() for key in map(name_key, (brand.name, *brand.aliases))}
    by_domain = {brand.domain: brand for brand in brands() if brand.domain}
    known = []
    for company in ours:
        brand = famous.get(company.name_key) or by_domain.get(company.domain or "")
        also = (brand.name, *brand.aliases) if brand else ()
        known.append(
            Known(
                company.name,
                tuple(name for name in dict.fromkeys((*company.aliases, *also)) if name != company.name),
                company.domain or (brand.domain if brand else None),
                company.id if shared[company.name_key] == 1 else None,
            )
        )
    return Gazetteer([*known, *brands(), *others()])


def _brand(line: str) -> Known:
    name, domain, aliases = (part.strip() for part in line.split("|"))
    return Known(name, _split(aliases), domain or None)


def _split(line: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in line.split(",") if name.strip())


def _lines(name: str) -> Iterator[str]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))
