"""Which categories integrate before any integration has been seen: the general knowledge of priors.yaml."""

from __future__ import annotations

from functools import cache
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

from tools import yamls

from .taxonomy import categories

HUB_LIMIT = 3.0


@cache
def prior_lift(a: str, b: str) -> float:
    """How many times likelier than an average pair a link between two categories is. Symmetric."""
    lifts, priors = _data()["lifts"], _data()
    listed = lifts.get(a, {}).get(b) or lifts.get(b, {}).get(a)
    if listed is not None:
        return float(listed)
    if a == b:
        return float(priors["same"])
    if neighbours(a, b):
        return float(priors["near"])
    return min(HUB_LIMIT, float(priors["unlisted"]) * (categories()[a].hub * categories()[b].hub))


@cache
def average_lift() -> float:
    """Of two categories drawn at random: the priors are relative to one another."""
    pairs = list(combinations_with_replacement(categories(), 2))
    return sum(prior_lift(*pair) for pair in pairs) / len(pairs)


@cache
def neighbours(a: str, b: str) -> bool:
    """Whether a product of one category can be bought instead of one of the other, different, category."""
    return [a, b] in _data()["neighbours"] or [b, a] in _data()["neighbours"]


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = yamls.load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return loaded
