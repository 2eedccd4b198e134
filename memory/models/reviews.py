"""What a run asks a person, the letter it asks about, and what the person decided."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field

from .base import Identified, json_column, time_column


class ReviewKind(StrEnum):
    OUTREACH = "outreach"
    CRM_CONFLICT = "crm_conflict"
    COMPANY_MERGE = "company_merge"


class ReviewStatus(StrEnum):
    PENDING = "pending"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class DecisionType(StrEnum):
    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"
    RESPOND = "respond"


class Draft(Identified, table=True):
    """One version of a thread's letter. Versions are never changed, only added."""

    __table_args__ = (
        UniqueConstraint("thread_id", "version"),
        CheckConstraint("version >= 1", name="draft_version"),
        CheckConstraint("lang IN ('ru', 'en')", name="draft_lang"),
        CheckConstraint("style IN ('formal', 'friendly', 'technical')", name="draft_style"),
    )

    thread_id: str = Field(index=True, max_length=64)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    version: int
    lang: str
    style: str
    recipient_company_id: str = Field(foreign_key="company.id")
    to_name: str
    to_email: str | None = Field(default=None, description="null until somebody knows the address")
    subject: str
    body: str
    claims: list[dict[str, Any]] = Field(
        default_factory=list,
        sa_column=json_column(),
        description="{text, evidence: [id]} for each sentence of fact in the body",
    )
    author: str = Field(description="provider and model, or person:<name>")
    offline: bool = Field(default=False, description="filled from a template, not written by a model")
    prompt: str | None = Field(default=None, description="name@version-hash of the prompt")
    remark: str | None = Field(default=None, description="the person's remark that this version answers")
    note: str | None = Field(default=None, description="what the writer could not do, for the reviewer")
    created_at: datetime = Field(sa_column=time_column())


_PENDING = Column("status") == "pending"
UNRANKED = -1.0


class Review(Identified, table=True):
    """One question to a person. Deciding is a compare-and-set on `status`: one winner."""

    __table_args__ = (
        Index(
            "review_pending",
            "thread_id",
            "interrupt_id",
            unique=True,
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        # What filters ask stands in the index too, so that a page looks at no row that it does not show.
        Index("review_rank", "tenant_id", "status", "rank", "id", "lang", "kind"),
        Index("review_age", "tenant_id", "status", "id", "lang", "kind"),
        Index("review_thread", "thread_id", "tenant_id", "status"),
        # Who is past the deadline, and who comes next.
        Index("review_due", "tenant_id", "status", "escalated_at", "created_at"),
        CheckConstraint("status IN ('pending', 'decided', 'withdrawn')", name="review_status"),
        CheckConstraint("kind IN ('outreach', 'crm_conflict', 'company_merge')", name="review_kind"),
    )

    run_id: str = Field(foreign_key="run.id", index=True)
    thread_id: str = Field(max_length=64)
    interrupt_id: str
    kind: str
    status: str = Field(default=ReviewStatus.PENDING)
    partnership_id: str | None = Field(default=None, foreign_key="partnership.id", index=True)
    draft_id: str | None = Field(default=None, foreign_key="draft.id")
    draft_version: int | None = None
    title: str
    lang: str = "ru"
    score: float | None = None
    rank: float = Field(
        default=UNRANKED,
        description="the score, or -1 for unknown, by which both databases sort alike",
        sa_column_kwargs={"server_default": str(UNRANKED)},
    )
    request: dict[str, Any] = Field(
        default_factory=dict, sa_column=json_column(), description="{action_requests, review_configs}"
    )
    created_at: datetime = Field(sa_column=time_column())
    decided_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    escalated_at: datetime | None = Field(
        default=None,
        sa_column=time_column(nullable=True),
        description="when it had waited too long; nobody decides because of that",
    )


class Endorsement(Identified, table=True):
    """The first of two approvals that a risky letter asks for. It lets nothing leave by itself."""

    __table_args__ = (UniqueConstraint("review_id", "actor", "version"),)

    review_id: str = Field(foreign_key="review.id")
    actor: str
    version: int = Field(description="the draft version that was read")
    created_at: datetime = Field(sa_column=time_column())


class Decision(Identified, table=True):
    """What one person decided on one review, naming the draft version it was about."""

    __table_args__ = (
        UniqueConstraint("review_id"),
        CheckConstraint("type IN ('approve', 'edit', 'reject', 'respond')", name="decision_type"),
    )

    review_id: str = Field(foreign_key="review.id")
    type: str
    actor: str
    draft_id: str | None = Field(
        default=None, foreign_key="draft.id", description="the version that may leave (approve, edit)"
    )
    reason: str | None = None
    message: str | None = None
    decided_at: datetime = Field(sa_column=time_column())
