"""Reviews: the queue and the card a person sees."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from .base import Page, Row
from .companies import CompanyLine
from .evidence import EvidenceOut
from .partnerships import FactorOut, JudgedOut, Risk


class ReviewLine(Row):
    """A review in the queue. `score` is 0..1, or null for unknown."""

    id: str
    run_id: str
    thread_id: str
    kind: str
    status: str
    title: str
    lang: str
    score: float | None
    partnership_id: str | None
    draft_version: int | None
    created_at: datetime
    decided_at: datetime | None


class ReviewOut(ReviewLine):
    request: Annotated[dict[str, Any], Field(description="{action_requests, review_configs}")]


class ReviewPage(Page[ReviewLine]):
    total: Annotated[int, Field(description="reviews that fit the filter, on all pages")]


class DecisionOut(Row):
    id: str
    type: str
    actor: str
    reason: str | None
    message: str | None
    draft_id: str | None
    decided_at: datetime


class ClaimOut(BaseModel):
    """A sentence of fact in the letter and what it stands on."""

    text: str
    evidence: list[EvidenceOut]


class VersionOut(Row):
    """One version of a letter."""

    id: str
    version: int
    subject: str
    body: str
    author: str
    offline: bool
    remark: str | None
    note: str | None
    created_at: datetime


class DraftOut(VersionOut):
    """The letter that the review is about."""

    lang: str
    style: str
    to_name: str
    to_email: str | None
    prompt: str | None
    claims: list[ClaimOut]


class ShownRisk(Risk):
    """A risk with what it stands on."""

    evidence: list[EvidenceOut]


class CardOut(BaseModel):
    """All that a person needs in order to decide."""

    review: ReviewOut
    decision: DecisionOut | None
    endorsed_by: Annotated[
        list[str], Field(description="of two who approve, whoever has approved the version that is shown")
    ]
    draft: DraftOut | None
    versions: list[VersionOut]
    score: Annotated[float | None, Field(description="0..1, or null for unknown")]
    confidence: Annotated[float | None, Field(description="share of the factors' weight that is known")]
    probability: Annotated[float | None, Field(description="of a deal; null while too little is known")]
    factors: list[FactorOut]
    reasons: list[str]
    synergy_areas: list[str]
    risks: list[ShownRisk]
    judged: list[JudgedOut]
    companies: list[CompanyLine]
