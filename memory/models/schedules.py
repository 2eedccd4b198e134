"""When a graph is started without anybody asking."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from .base import Identified, json_column, time_column


class Schedule(Identified, table=True):
    """A cron line in a time zone; its runs are keyed `cron:{id}:{time}`."""

    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    name: str
    graph: str
    assistant_id: str | None = Field(default=None, max_length=64)
    thread_id: str | None = Field(default=None, max_length=64, description="null: a new thread each time")
    cron: str = Field(description="five fields: minute hour day month weekday (0 and 7 are Sunday)")
    timezone: str = "Europe/Moscow"
    input: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    options: dict[str, Any] = Field(
        default_factory=dict, sa_column=json_column(), description="see graphs.runtime.options"
    )
    meta: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    paused: bool = False
    ends_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    keep_thread: bool = Field(default=True, description="false: the thread goes when its run has ended")
    actor: str = "system"
    last_run_id: str | None = Field(default=None, foreign_key="run.id")
    last_fired_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    created_at: datetime = Field(sa_column=time_column())
    updated_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
