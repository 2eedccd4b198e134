"""No direct competition: one kind of product, described alike, is bought instead of the other.

Likeness is the sign of a competitor and not of a partner (invariant 8 of the design).
"""

from __future__ import annotations

from .factors import Factor
from .priors import neighbours
from .profile import Profile
from .taxonomy import categories

# Cosines of two descriptions: at LOW two products picked at random, at HIGH two that say the same.
LOW, HIGH = 0.2, 0.7
# Rivalry by category, from unlike to like descriptions.
SAME, NEAR, FAR = (0.7, 1.0), (0.3, 0.6), (0.0, 0.2)
# Without categories only a plain likeness says anything: unlike words can describe one thing.
ALIKE = 0.5


def no_competition(a: Profile, b: Profile) -> Factor:
    """1 - rivalry: close to 0 for one category with like descriptions, close to 1 for unrelated ones."""
    alike = _likeness(a, b)
    span, line = _span(a, b)
    ids = tuple(sorted({*a.evidence("industry", "description"), *b.evidence("industry", "description")}))
    lines = tuple(it for it in (line, _told(a, b, alike)) if it)
    if span is not None:
        low, high = span
        return Factor(
            "no_competition", 1 - (low + (high - low) * (0.5 if alike is None else alike)), lines, ids
        )
    if alike is None or alike < ALIKE:
        return Factor("no_competition")
    return Factor("no_competition", 1 - alike, lines, ids)


def _span(a: Profile, b: Profile) -> tuple[tuple[float, float] | None, str | None]:
    if a.category and b.category:
        one, other = sorted(categories()[it].label["ru"] for it in (a.category, b.category))
        if a.category == b.category:
            return SAME, f"Одна категория: {one}"
        if neighbours(a.category, b.category):
            return NEAR, f"Соседние категории: {one} и {other}"
        return FAR, f"Разные категории: {one} и {other}"
    if a.industry and a.industry == b.industry:
        return SAME, f"Одна категория: {a.industry}"
    return None, None


def _likeness(a: Profile, b: Profile) -> float | None:
    if a.vector is None or b.vector is None:
        return None
    cosine = float(a.vector @ b.vector)
    return min(1.0, max(0.0, (cosine - LOW) / (HIGH - LOW)))


def _told(a: Profile, b: Profile, alike: float | None) -> str | None:
    if alike is None or a.vector is None or b.vector is None:
        return None
    cosine = f"{float(a.vector @ b.vector):.2f}".replace(".", ",")
    word = "близки" if alike >= ALIKE else "различаются"
    return f"Описания {word} (косинус {cosine})"
