"""How well compatibility tells competitors, on open-source products and what they replace.

Alternatives to one product are competitors of each other; any other two products are taken for none.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import numpy as np

from agents.compatibility.competition import no_competition
from agents.compatibility.landscape import look
from agents.compatibility.profile import Profile
from memory.vectors import Vectors

from .measures import auc, numbers
from .report import Row
from .vendors import company, listings


async def measure(path: Path, vectors: Vectors) -> list[Row]:
    """Ranking of rivals below strangers by the factor "no direct competition"."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    products = {it["company"]: it for it in rows}
    replaced: dict[str, set[str]] = {}
    for it in rows:
        replaced.setdefault(it["competitor"].strip().casefold(), set()).add(it["company"])
    rivals = {it for group in replaced.values() for it in combinations(sorted(group), 2)}
    pairs = list(combinations(sorted(products), 2))
    apart = np.array([it not in rivals for it in pairs])
    told = await _profiles(vectors, products, categories=True)
    untold = await _profiles(vectors, products, categories=False)
    cosines = numbers(_cosine(told[a], told[b]) for a, b in pairs)
    by_category = numbers(no_competition(told[a], told[b]).value for a, b in pairs)
    by_words = numbers(no_competition(untold[a], untold[b]).value for a, b in pairs)
    baseline = f"description cosine {auc(apart, -cosines):.3f}"
    return [
        Row("competitors: AUC, category and description", auc(apart, by_category), baseline),
        Row("competitors: AUC, description only, where known", auc(apart, by_words), baseline),
        Row(
            "competitors: known from the description only",
            float(np.mean(~np.isnan(by_words))),
            "of all pairs",
        ),
    ]


async def _profiles(
    vectors: Vectors, products: Mapping[str, Mapping[str, str]], *, categories: bool
) -> Mapping[str, Profile]:
    companies = [
        company(name, name, it["category"] if categories else None, it["description"])
        for name, it in products.items()
    ]
    return (await look(vectors, listings(companies), companies)).profiles


def _cosine(a: Profile, b: Profile) -> float | None:
    return None if a.vector is None or b.vector is None else float(a.vector @ b.vector)
