"""Partnerships: a pair, its score with the reasons, and how far it has come."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from memory.models import Outcome

from .base import Body, Count, Row


class FactorOut(BaseModel):
    """One of the score's factors; `value` is 0..1, or null for unknown."""

    model_config = ConfigDict(extra="allow")

    name: str
    weight: float
    value: float | None


class JudgedOut(BaseModel):
    """A model that was asked about the pair: `author` is null when none answered, `note` says why."""

    what: str
    author: str | None
    prompt: str
    note: str | None


class Risk(BaseModel):
    """What could go wrong, as a model noted it."""

    kind: str
    severity: str
    text: str


class RiskOut(Risk):
    evidence: Annotated[list[str], Field(description="ids")]


class PartnershipLine(Row):
    """`score` is 0..1, or null for unknown; `confidence` the share of the factors' weight that is known."""

    id: str
    company_a_id: str
    company_b_id: str
    score: float | None
    confidence: float
    status: str
    status_reason: str | None
    outcome: str | None
    value_rub: int | None
    probability: Annotated[float | None, Field(description="of a deal; null while too little is known")]
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None


class PartnershipOut(PartnershipLine):
    factors: list[FactorOut]
    reasons: list[str]
    synergy_areas: list[str]
    risks: list[RiskOut]
    judged: list[JudgedOut]
    method: str


class OutcomeIn(Body):
    """How it ended, and what it is worth in roubles, if that is known."""

    outcome: Outcome
    value_rub: Count | None = None
