"""A partnership: an unordered pair of companies and its life. One row a pair."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from .base import Identified, json_column, time_column


class PartnershipStatus(StrEnum):
    SUGGESTED = "suggested"
    CONTACTED = "contacted"
    IN_DISCUSSION = "in_discussion"
    ACTIVE = "active"
    REJECTED = "rejected"
    PAUSED = "paused"


class Outcome(StrEnum):
    WON = "won"
    LOST = "lost"


class Partnership(Identified, table=True):
    """The pair is stored with the smaller id first, so (A, B) and (B, A) are the same row."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "company_a_id", "company_b_id"),
        Index("partnership_score", "tenant_id", "score"),
        CheckConstraint("company_a_id < company_b_id", name="ordered_and_different"),
        CheckConstraint("score IS NULL OR (score >= 0 AND score <= 1)", name="score_range"),
        CheckConstraint("confidence >= 0 AND confidence <= 1", name="confidence_range"),
        CheckConstraint(
            "probability IS NULL OR (probability >= 0 AND probability <= 1)", name="probability_range"
        ),
        CheckConstraint(
            "status IN ('suggested', 'contacted', 'in_discussion', 'active', 'rejected', 'paused')",
            name="partnership_status",
        ),
        CheckConstraint("outcome IS NULL OR outcome IN ('won', 'lost')", name="outcome"),
        CheckConstraint("value_rub IS NULL OR value_rub >= 0", name="value"),
    )

    company_a_id: str = Field(foreign_key="company.id")
    company_b_id: str = Field(foreign_key="company.id", index=True)
    score: float | None = Field(default=None, description="0..1, or null for unknown")
    confidence: float = Field(default=0.0, description="share of the factors' weight that is known")
    factors: list[dict[str, Any]] = Field(
        default_factory=list,
        sa_column=json_column(),
        description="six of {name, weight, value: 0..1 | null, evidence: [text]}; where a model moved the"
        " value also judged: {author, prompt, rules, model, share, reasons}",
    )
    reasons: list[str] = Field(default_factory=list, sa_column=json_column())
    synergy_areas: list[str] = Field(default_factory=list, sa_column=json_column())
    risks: list[dict[str, Any]] = Field(
        default_factory=list,
        sa_column=json_column(),
        description="{kind, severity, text, evidence: [id]}, as a model noted them",
    )
    judged: list[dict[str, Any]] = Field(
        default_factory=list,
        sa_column=json_column(),
        description="which models were asked: {what, author | null, prompt, note | null}; none: rules alone",
    )
    method: str = Field(default="", description="what computed the score, with its version")
    status: str = Field(default=PartnershipStatus.SUGGESTED, index=True)
    status_reason: str | None = None
    outcome: str | None = Field(default=None, index=True)
    value_rub: int | None = Field(default=None, sa_type=BigInteger)
    probability: float | None = Field(default=None, description="of a deal; null while too little is known")
    created_at: datetime = Field(sa_column=time_column())
    updated_at: datetime = Field(sa_column=time_column())
    closed_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
