"""The six factors' common form, and the four that compare two records field by field.

Each factor is a pure, symmetric function of two profiles: a value in [0, 1] or None for unknown, with the
lines a person reads. Unknown is neither 0 nor 1: see score.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from .profile import Profile

FactorName = Literal["tech_stack", "market", "size", "geography", "no_competition", "complementarity"]

WEIGHTS: Mapping[FactorName, float] = MappingProxyType(
    {
        "tech_stack": 0.25,
        "market": 0.20,
        "size": 0.15,
        "geography": 0.10,
        "no_competition": 0.15,
        "complementarity": 0.15,
    }
)
# The share of a shorter list says nothing: one integration in common out of one is chance.
STACK_AT_LEAST = 3
# Staff that differs so many times is no match at all.
SIZE_RATIO = 100.0
SAME_COUNTRY, OTHER_COUNTRY = 0.6, 0.2


@dataclass(frozen=True)
class Factor:
    """One of the six: value in [0, 1] or None; evidence: Russian lines; evidence_ids: of Evidence rows."""

    name: FactorName
    value: float | None = None
    evidence: tuple[str, ...] = ()
    evidence_ids: tuple[str, ...] = ()

    @property
    def weight(self) -> float:
        return WEIGHTS[self.name]


def tech_stack(a: Profile, b: Profile) -> Factor:
    """Technologies and integrations in common, the two products themselves left out.

    Known integrations are a sample: nothing in common among them says nothing; among technologies it does.
    """
    own = {a.key, b.key}
    left, right = ({**it.technologies, **it.integrations} for it in (a, b))
    shared = sorted(left[key] for key in (left.keys() & right.keys()) - own)
    shorter = min(len(left.keys() - own), len(right.keys() - own))
    listed = min(len(a.technologies), len(b.technologies)) >= STACK_AT_LEAST
    ids = _ids(a, b, "tech_stack", "integrations")
    if shared:
        value = _overlap(len(shared), shorter) if shorter >= STACK_AT_LEAST else None
        return Factor("tech_stack", value, (f"Общее в стеке и интеграциях: {', '.join(shared)}",), ids)
    if listed:
        return Factor("tech_stack", _overlap(0, shorter), ("Общих технологий не нашлось",), ids)
    return Factor("tech_stack")


def market(a: Profile, b: Profile) -> Factor:
    """Markets in common. A description that names one market does not deny the others: only lists do."""
    left, right = a.markets | a.mentioned, b.markets | b.mentioned
    shorter, shared = min(len(left), len(right)), sorted(left & right)
    ids = _ids(a, b, "markets", "description")
    if shared:
        return Factor("market", _overlap(len(shared), shorter), (f"Общие рынки: {', '.join(shared)}",), ids)
    if a.markets and b.markets:
        line = f"Рынки разные: {', '.join(sorted(a.markets))} / {', '.join(sorted(b.markets))}"
        return Factor("market", _overlap(0, shorter), (line,), ids)
    return Factor("market")


def size(a: Profile, b: Profile) -> Factor:
    """1 for equal staff, falling with the logarithm of the ratio to 0 at SIZE_RATIO."""
    if a.staff is None or b.staff is None:
        return Factor("size")
    ratio = max(a.staff, b.staff) / min(a.staff, b.staff)
    value = max(0.0, 1 - math.log(ratio) / math.log(SIZE_RATIO))
    line = f"Штат: {a.name} — около {a.staff:.0f}, {b.name} — около {b.staff:.0f}"
    return Factor("size", value, (line,), _ids(a, b, "staff_count", "staff_range"))


def geography(a: Profile, b: Profile) -> Factor:
    """1 in one city, SAME_COUNTRY, OTHER_COUNTRY; different cities of unknown countries say nothing."""
    ids = _ids(a, b, "city", "country")
    if a.country and b.country and a.country != b.country:
        return Factor("geography", OTHER_COUNTRY, ("Страны разные",), ids)
    if a.city and a.city == b.city:
        return Factor("geography", 1.0, (f"Один город: {a.city.title()}",), ids)
    if a.country and a.country == b.country:
        return Factor("geography", SAME_COUNTRY, ("Одна страна",), ids)
    return Factor("geography")


def _overlap(shared: int, shorter: int) -> float:
    """Overlap coefficient under Jeffreys' prior: one of one is less sure than nine of nine."""
    return (shared + 0.5) / (shorter + 1)


def _ids(a: Profile, b: Profile, *fields: str) -> tuple[str, ...]:
    return tuple(sorted({*a.evidence(*fields), *b.evidence(*fields)}))
