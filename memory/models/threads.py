"""A thread: one durable state of a graph, and how it stands."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index
from sqlmodel import Field

from .base import Identified, json_column, time_column


class ThreadStatus(StrEnum):
    """The words of LangGraph's own server, for its clients search by them."""

    IDLE = "idle"
    BUSY = "busy"
    INTERRUPTED = "interrupted"
    ERROR = "error"


class Thread(Identified, table=True):
    """Changed in the transactions of its runs, so it never disagrees with them."""

    __table_args__ = (
        Index("thread_status", "tenant_id", "status", "updated_at"),
        CheckConstraint("status IN ('idle', 'busy', 'interrupted', 'error')", name="thread_status"),
    )

    graph: str | None = Field(default=None, description="null until the first run")
    status: str = Field(default=ThreadStatus.IDLE)
    meta: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    interrupts: dict[str, list[dict[str, Any]]] = Field(
        default_factory=dict, sa_column=json_column(), description="{task id: [{id, value}]} while it waits"
    )
    last_run_id: str | None = Field(default=None, max_length=64, description="whose result is its values")
    values: dict[str, Any] | None = Field(
        default=None,
        sa_column=Column(JSON(none_as_null=True), nullable=True),
        description="where there is no last run: what a person has made of them",
    )
    ttl_s: int | None = Field(default=None, description="deleted so long after its last change")
    pruned_at: datetime | None = Field(
        default=None, sa_column=time_column(nullable=True), description="when its history was thinned"
    )
    created_at: datetime = Field(sa_column=time_column())
    updated_at: datetime = Field(sa_column=time_column())
