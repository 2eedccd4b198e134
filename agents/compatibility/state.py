"""What the compatibility agent finds out about a pair; every key has a default, so old threads go on."""

from __future__ import annotations

from typing import Any

from agents.pair import PairState

from .asking import Judged
from .judgement import Verdict
from .risks import Warned


class CompatibilityState(PairState, total=False):
    """score: 0..1, None for unknown; confidence: share of the factors' weight that is known, 0..1;
    factors: six of {name, weight, value, evidence, evidence_ids}; reasons: {text, evidence: [id]} in Russian;
    synergy_areas: what the two could do together, in Russian; method: what computed the score;
    judgement, warned: what the models answered, None where there was none to ask; a factor that one moved has
    `judged` beside its evidence; risks: {kind, severity, text, evidence: [id]}; judged: who was asked what.
    """

    score: float | None
    confidence: float
    factors: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    synergy_areas: list[str]
    method: str
    judgement: Verdict | None
    warned: Warned | None
    risks: list[dict[str, Any]]
    judged: list[Judged]
