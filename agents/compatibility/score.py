"""The score of a pair: the weighted mean of what is known, and how much of it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .competition import no_competition
from .complementarity import complementarity
from .ecosystem import Ecosystem
from .factors import Factor, geography, market, size, tech_stack
from .profile import Profile

METHOD = "six-factors/1"
# Below this share of known weight, or with both of the factors that tell partners from strangers unknown,
# a number would only look like knowledge.
CONFIDENCE_FLOOR = 0.25
DECISIVE = ("no_competition", "complementarity")


@dataclass(frozen=True)
class Assessment:
    """score: 0..1 or None for unknown; confidence: known weight, 0..1; factors: all six."""

    score: float | None
    confidence: float
    factors: tuple[Factor, ...]

    def factor(self, name: str) -> Factor:
        return next(it for it in self.factors if it.name == name)


def assess(a: Profile, b: Profile, ecosystem: Ecosystem) -> Assessment:
    """Symmetric: (a, b) and (b, a) score the same."""
    return combine(
        (
            tech_stack(a, b),
            market(a, b),
            size(a, b),
            geography(a, b),
            no_competition(a, b),
            complementarity(a, b, ecosystem),
        )
    )


def combine(factors: Sequence[Factor]) -> Assessment:
    """The mean of the known factors by weight; the unknown ones only lower the confidence."""
    known = [(it.weight, it.value) for it in factors if it.value is not None]
    confidence = round(sum(weight for weight, _ in known), 6)
    decided = any(it.value is not None for it in factors if it.name in DECISIVE)
    if not decided or confidence < CONFIDENCE_FLOOR:
        return Assessment(None, confidence, tuple(factors))
    score = sum(weight * value for weight, value in known) / confidence
    return Assessment(min(1.0, max(0.0, score)), confidence, tuple(factors))
