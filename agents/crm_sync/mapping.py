"""A partnership as the fields of its deal, and a deal's stage as the status of its partnership."""

from __future__ import annotations

from typing import Any

from memory.models import Company, DecisionType, Partnership, PartnershipStatus
from memory.pipeline import Stage

STATUS_OF_STAGE = {
    Stage.SUGGESTED: PartnershipStatus.SUGGESTED,
    Stage.CONTACTED: PartnershipStatus.CONTACTED,
    Stage.IN_DISCUSSION: PartnershipStatus.IN_DISCUSSION,
    Stage.WON: PartnershipStatus.ACTIVE,
    Stage.LOST: PartnershipStatus.REJECTED,
    Stage.REJECTED: PartnershipStatus.REJECTED,
}

_DECIDED = {
    DecisionType.APPROVE: "письмо одобрено",
    DecisionType.EDIT: "письмо одобрено с правкой",
}


def deal_fields(
    partnership: Partnership, a: Company, b: Company, *, decision: DecisionType, subject: str
) -> dict[str, Any]:
    """The deal {title, stage, company, partner, score, value_rub, note} of a letter that was let go.

    decision: approve or edit; score: 0..1 or None for unknown; value_rub: roubles or None; note: Russian,
    one thought a line.
    """
    return {
        "title": f"{a.name} × {b.name}",
        "stage": str(Stage.CONTACTED),
        "company": a.name,
        "partner": b.name,
        "score": partnership.score,
        "value_rub": partnership.value_rub,
        "note": _note(partnership.reasons, decision, subject),
    }


def _note(reasons: list[str], decision: DecisionType, subject: str) -> str:
    lines = [f"Письмо: «{subject}»", f"Решение: {_DECIDED[decision]}"]
    if reasons:
        lines += ["Почему вместе:", *(f"— {reason}" for reason in reasons)]
    return "\n".join(lines)
