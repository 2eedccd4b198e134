"""The Russian vendors of the data set as rows of the database, and which of them integrate."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import numpy as np

from agents.compatibility.ecosystem import Ecosystem, Pair, pair
from agents.compatibility.landscape import Landscape, look
from memory.models import Company
from memory.names import name_key
from memory.partnerships import Listing
from memory.vectors import Vectors

from .measures import Flags

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Market:
    """The vendors as the agents see them; every pair of them, and which pairs are known integrations."""

    landscape: Landscape
    pairs: list[Pair]
    linked: Flags

    @property
    def links(self) -> list[Pair]:
        return [it for it, linked in zip(self.pairs, self.linked, strict=True) if linked]

    @property
    def rivals(self) -> Flags:
        """Pairs within one category."""
        kind = self.landscape.ecosystem.category.get
        return np.array([kind(a) is not None and kind(a) == kind(b) for a, b in self.pairs])


async def market(folder: Path, vectors: Vectors) -> Market:
    """From vendors.csv and integration_pairs.csv; a pair that names somebody else is left out."""
    known = {name_key(it["name"]): it for it in _rows(folder / "vendors.csv")}
    named = ((name_key(it["a"]), name_key(it["b"])) for it in _rows(folder / "integration_pairs.csv"))
    links = {pair(a, b) for a, b in named if a in known and b in known and a != b}
    partners = Ecosystem.of({}, links).partners
    companies = [
        company(key, it["name"], it["category"], it["description"], partners.get(key, ()))
        for key, it in sorted(known.items())
    ]
    pairs = list(combinations(sorted(known), 2))
    landscape = await look(vectors, listings(companies), companies)
    return Market(landscape, pairs, np.array([it in links for it in pairs]))


def company(
    key: str, name: str, industry: str | None, description: str, integrations: Iterable[str] = ()
) -> Company:
    """A row whose id and name key are `key`."""
    return Company(
        id=key,
        name=name,
        slug=key,
        name_key=key,
        industry=industry,
        description=description,
        integrations=sorted(integrations),
        created_at=EPOCH,
        updated_at=EPOCH,
    )


def listings(companies: Iterable[Company]) -> tuple[Listing, ...]:
    return tuple(
        Listing(it.id, it.name, it.name_key, it.industry, it.description, tuple(it.integrations))
        for it in companies
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
