"""The record turned into what the factors look at: profiles of some companies, and who links to whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from memory.models import Company, CompanyField
from memory.names import name_key
from memory.partnerships import Listing
from memory.vectors import Vectors

from .ecosystem import Ecosystem, Pair, pair
from .profile import Profile, profile_of
from .taxonomy import categorise, nearest, samples


@dataclass(frozen=True)
class Landscape:
    """Profiles of the companies asked for, by id, within the whole ecosystem; names of every company."""

    profiles: Mapping[str, Profile]
    ecosystem: Ecosystem
    names: Mapping[str, str]


async def look(
    vectors: Vectors,
    listings: tuple[Listing, ...],
    companies: Collection[Company],
    fields: Iterable[CompanyField] = (),
) -> Landscape:
    """Profiles of `companies` with the evidence of their `fields`, and where all the listed ones stand."""
    told = [it for it in companies if it.description]
    described = await vectors.encode([it.description or "" for it in told])
    by_id = dict(zip((it.id for it in told), described, strict=True))
    sources = _sources(fields)
    profiles = [profile_of(it, vector=by_id.get(it.id), sources=sources.get(it.id)) for it in companies]
    guessed = [await _guess(it, vectors) for it in profiles]
    return Landscape(
        profiles={it.id: it for it in guessed},
        ecosystem=ecosystem(listings).with_categories({it.id: it.category for it in guessed if it.category}),
        names={it.id: it.name for it in listings},
    )


@lru_cache(maxsize=4)
def ecosystem(listings: tuple[Listing, ...]) -> Ecosystem:
    """Categories and known integrations of the listed companies."""
    kinds = {it.id: categorise(it.industry, it.description) for it in listings}
    return Ecosystem.of({id: kind for id, kind in kinds.items() if kind}, links(listings))


def links(listings: Iterable[Listing]) -> set[Pair]:
    """Pairs of which one names the other as an integration; a name that two companies bear links neither."""
    listings = list(listings)
    bearers: dict[str, list[str]] = {}
    for it in listings:
        bearers.setdefault(it.name_key, []).append(it.id)
    known = {key: ids[0] for key, ids in bearers.items() if len(ids) == 1}
    named = ((it.id, known.get(key)) for it in listings for key in map(name_key, it.integrations))
    return {pair(a, b) for a, b in named if b is not None and a != b}


async def _guess(profile: Profile, vectors: Vectors) -> Profile:
    """With the category whose sample the description is nearest to, where no rule named one."""
    if profile.category is not None or profile.vector is None:
        return profile
    keys = tuple(samples())
    encoded: NDArray[np.float32] = await vectors.encode(list(samples().values()))
    return replace(profile, category=nearest(profile.vector, keys, encoded))


def _sources(fields: Iterable[CompanyField]) -> dict[str, dict[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for it in fields:
        if it.evidence_id is not None:
            of_company = found.setdefault(it.company_id, {})
            of_company[it.field] = (*of_company.get(it.field, ()), it.evidence_id)
    return found
