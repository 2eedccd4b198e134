"""Who did what, and what the models cost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from .base import Identified, json_column, time_column


class Usage(Identified, table=True):
    """One call to a model."""

    thread_id: str | None = Field(default=None, index=True, max_length=64)
    agent: str
    provider: str
    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    cost_rub: float = 0.0
    outcome: str = "ok"
    latency_ms: float = 0.0
    created_at: datetime = Field(sa_column=time_column(index=True))


class AuditEntry(Identified, table=True):
    """One thing that somebody or something did. Rows are only added."""

    __table_args__ = (Index("audit_subject", "subject_type", "subject_id"),)

    actor: str = Field(description="person:<name>, agent:<name> or system")
    action: str
    subject_type: str
    subject_id: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    at: datetime = Field(sa_column=time_column())
