"""What could go wrong between the two, as far as evidence shows it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from agents.context import Context
from agents.evidence.holding import Claim, hold
from agents.evidence.record import Record

from .asking import Judged, ask, left_out

WHAT, AGENT = "risks", "risk"

Kind = Literal[
    "competition", "ownership", "people", "finances", "legal", "security", "technical", "reputation"
]
Severity = Literal["low", "medium", "high"]


class Risk(Claim):
    """One sentence about what could go wrong, and the ids of the facts that show it."""

    kind: Kind
    severity: Severity


class RiskNotes(BaseModel):
    """What a model is asked for; most pairs have no risk that a fact shows."""

    risks: list[Risk] = Field(max_length=6)


class Warned(TypedDict):
    """As it goes through checkpoints. risks: {kind, severity, text, evidence} of those that hold."""

    judged: Judged
    risks: list[dict[str, Any]]


async def warn(ctx: Context, record: Record, thread_id: str) -> Warned | None:
    """None when there is no model to ask."""
    answer, judged = await ask(ctx, WHAT, RiskNotes, record, agent=AGENT, thread_id=thread_id)
    if judged is None or answer is None:
        return judged and {"judged": judged, "risks": []}
    held = await hold(ctx, answer.risks, record, ctx.policy.lang)
    note = left_out(held.dropped, ctx.policy.lang)
    return {"judged": {**judged, "note": note}, "risks": [it.model_dump() for it in held.kept]}
