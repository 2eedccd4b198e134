"""What analytics knows of the pair. Every key may be missing: the state only grows."""

from __future__ import annotations

from agents.pair import PairState


class AnalyticsState(PairState, total=False):
    """probability: of a deal, 0..1, None for unknown; probability_reason: why, in one Russian line."""

    probability: float | None
    probability_reason: str
