"""A company as the factors see it: frozen, canonical, and empty wherever the record is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from memory.models import BusinessModel, Company
from memory.names import name_key

from .taxonomy import categorise, markets_in

_RANGE = re.compile(r"^\s*(\d+)\s*(?:[-–—]\s*(\d+)|\+)\s*$")
_CITY_PREFIX = re.compile(r"^(г\.|город|city of)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Profile:
    """What is known of one company; None and empty mean unknown, never "none".

    key: of the name (memory.names); category: canonical (taxonomy.yaml); industry: the source's own word for
    it, folded; technologies, integrations: name key -> name as written; markets: listed in the record;
    mentioned: markets that the description names; staff: people, geometric middle of a range; vendor: sells
    software to business; vector: of the description (d,), L2-normalised; sources: field -> evidence ids.
    """

    id: str
    name: str
    key: str = ""
    category: str | None = None
    industry: str | None = None
    description: str | None = None
    technologies: Mapping[str, str] = field(default_factory=dict)
    integrations: Mapping[str, str] = field(default_factory=dict)
    markets: frozenset[str] = frozenset()
    mentioned: frozenset[str] = frozenset()
    staff: float | None = None
    country: str | None = None
    city: str | None = None
    vendor: bool = True
    vector: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def evidence(self, *fields: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(id for name in fields for id in self.sources.get(name, ())))


def profile_of(
    company: Company,
    *,
    vector: NDArray[np.float32] | None = None,
    sources: Mapping[str, tuple[str, ...]] | None = None,
) -> Profile:
    """The profile of a row; a category that no rule names can be filled in later (see landscape)."""
    category = categorise(company.industry, company.description)
    return Profile(
        id=company.id,
        name=company.name,
        key=company.name_key,
        category=category,
        industry=_folded(company.industry),
        description=company.description,
        technologies=_by_key(company.tech_stack),
        integrations=_by_key(company.integrations),
        markets=frozenset().union(*(markets_in(it) or {it.strip().casefold()} for it in company.markets)),
        mentioned=markets_in(company.description),
        staff=_staff(company),
        country=_folded(company.country),
        city=_folded(_CITY_PREFIX.sub("", company.city or "")),
        vendor=_sells_software(company, category),
        vector=vector,
        sources=sources or {},
    )


def _sells_software(company: Company, category: str | None) -> bool:
    known = category is not None or bool(company.description)
    return (
        known
        and company.active
        and company.deleted_at is None
        and company.business_model != BusinessModel.B2C
    )


def _staff(company: Company) -> float | None:
    if company.staff_count:
        return float(company.staff_count)
    match = _RANGE.match(company.staff_range or "")
    if match is None:
        return None
    low = max(1, int(match[1]))
    return math.sqrt(low * max(low, int(match[2] or low)))


def _by_key(names: Iterable[str]) -> dict[str, str]:
    return {key: name for name in names if (key := name_key(name))}


def _folded(text: str | None) -> str | None:
    return (text or "").strip().casefold().replace("ё", "е") or None
