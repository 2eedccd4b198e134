"""A run: one execution of a graph on a thread, with a terminal status of its own."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field

from .base import Identified, json_column, time_column


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Trigger(StrEnum):
    SCHEDULE = "schedule"
    PERSON = "person"
    API = "api"
    WEBHOOK = "webhook"
    RUN = "run"
    REVIEW = "review"


_ACTIVE = Column("status").in_(("queued", "running"))


class Run(Identified, table=True):
    """A decision resumes a thread in a new run; the run that waited for it is then done.

    Two active runs never share a thread: the partial unique index holds it.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("run_active_thread", "thread_id", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
        Index("run_status", "tenant_id", "status", "id"),
        CheckConstraint(
            "status IN ('queued', 'running', 'waiting', 'done', 'failed', 'cancelled')", name="run_status"
        ),
        CheckConstraint(
            "trigger IN ('schedule', 'person', 'api', 'webhook', 'run', 'review')", name="run_trigger"
        ),
    )

    thread_id: str = Field(index=True, max_length=64)
    graph: str
    key: str | None = Field(default=None, description="idempotency key: the same key never runs twice")
    trigger: str
    parent_id: str | None = Field(default=None, foreign_key="run.id", index=True)
    input: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    resume: dict[str, Any] | None = Field(
        default=None,
        sa_column=json_column(),
        description="{interrupt id: answer} of a run that resumes",
    )
    status: str = Field(default=RunStatus.QUEUED)
    attempts: int = 0
    owner: str | None = Field(default=None, description="the executor that runs it; finishing checks it")
    error: str | None = None
    result: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    created_at: datetime = Field(sa_column=time_column())
    started_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    finished_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
