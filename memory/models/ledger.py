"""Who did what, and what the models cost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from .base import Identified, json_column, time_column


class Budget(Identified, table=True):
    """What was taken out of a day's budget of an agent, or (agent "") of the whole tenant, in roubles.

    Its id is `{tenant}:{agent}:{day}`. day: ISO, as the calendar of the one who keeps the budget has it.
    """

    id: str = Field(primary_key=True, max_length=192)
    agent: str
    day: str = Field(max_length=10)
    taken_rub: float = 0.0


class Usage(Identified, table=True):
    """One call to a model.

    The attempts at one question share its id. attempt: 1 for the model that it was put to first, 2, … for
    those after it; one that is asked again keeps its number. key: the name of the key; message: why it
    failed; prompt: which one in which version.
    """

    thread_id: str | None = Field(default=None, index=True, max_length=64)
    question_id: str | None = Field(default=None, index=True, max_length=64)
    attempt: int = 1
    agent: str
    provider: str
    model: str
    key: str | None = None
    prompt: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    cost_rub: float = 0.0
    outcome: str = "ok"
    message: str | None = None
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
