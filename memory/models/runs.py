"""A run: one execution of a graph on a thread, with a terminal status of its own. The rows are the queue."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Text, UniqueConstraint
from sqlmodel import Field

from .base import Identified, json_column, time_column


class RunStatus(StrEnum):
    """queued -> running -> waiting | done | failed | cancelled; dead: its workers died too often."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DEAD = "dead"


class Trigger(StrEnum):
    SCHEDULE = "schedule"
    PERSON = "person"
    API = "api"
    WEBHOOK = "webhook"
    RUN = "run"
    REVIEW = "review"


class Priority(IntEnum):
    """The lower number is claimed first."""

    PERSON = 0
    RUN = 10
    SCHEDULE = 20


class Cancel(StrEnum):
    """interrupt keeps what the run did to its thread; rollback takes the thread back to before it."""

    INTERRUPT = "interrupt"
    ROLLBACK = "rollback"


_QUEUED = Column("status") == "queued"
_RUNNING = Column("status") == "running"


class Run(Identified, table=True):
    """A decision resumes a thread in a new run; the run that waited for it is then done.

    Two running runs never share a thread: the partial unique index holds it, whatever a worker believes.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index(
            "run_running_thread", "thread_id", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING
        ),
        Index("run_queue", "priority", "id", sqlite_where=_QUEUED, postgresql_where=_QUEUED),
        Index("run_due", "not_before", sqlite_where=_QUEUED, postgresql_where=_QUEUED),
        Index("run_owner", "owner", sqlite_where=_RUNNING, postgresql_where=_RUNNING),
        Index("run_status", "tenant_id", "status", "id"),
        # SQLite knows no counts: it looks a thread's runs up by the index that names most of what is asked.
        Index("run_thread", "thread_id", "tenant_id", "status"),
        CheckConstraint(
            "status IN ('queued', 'running', 'waiting', 'done', 'failed', 'cancelled', 'dead')",
            name="run_status",
        ),
        CheckConstraint(
            "trigger IN ('schedule', 'person', 'api', 'webhook', 'run', 'review')", name="run_trigger"
        ),
        CheckConstraint("cancel IN ('interrupt', 'rollback')", name="run_cancel"),
    )

    thread_id: str = Field(max_length=64)
    graph: str
    assistant_id: str | None = Field(default=None, max_length=64)
    key: str | None = Field(default=None, description="idempotency key: the same key never runs twice")
    trigger: str
    parent_id: str | None = Field(default=None, foreign_key="run.id", index=True)
    input: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    resume: dict[str, Any] | None = Field(
        default=None,
        sa_column=json_column(),
        description="{interrupt id: answer} of a run that resumes",
    )
    options: dict[str, Any] = Field(
        default_factory=dict,
        sa_column=json_column(),
        description="how to run it: see graphs.runtime.options.Options",
    )
    meta: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    status: str = Field(default=RunStatus.QUEUED)
    queue: str = Field(default="default", max_length=64)
    priority: int = Field(default=Priority.PERSON)
    provider: str | None = Field(default=None, description="the model provider it leans on, for its cap")
    not_before: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    attempts: int = Field(default=0, description="claims so far; with `owner` it fences what a worker writes")
    deaths: int = Field(default=0, description="workers that died on it; too many make it dead")
    retries: int = Field(default=0, description="passing errors after which it was queued again")
    owner: str | None = Field(default=None, description="the worker that runs it; finishing checks it")
    cancel: str | None = Field(default=None, description="what its worker is asked to do instead of going on")
    error: str | None = None
    result: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    created_at: datetime = Field(sa_column=time_column())
    started_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    finished_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))


class RunEvent(Identified, table=True):
    """One frame of a run's stream, kept so that a listener who comes again misses nothing."""

    __tablename__ = "run_event"
    __table_args__ = (UniqueConstraint("run_id", "seq"),)

    run_id: str = Field(foreign_key="run.id", max_length=64)
    seq: int = Field(description="1, 2, … within the run")
    event: str
    data: str = Field(sa_column=Column(Text, nullable=False), description="JSON text, as it is sent")
