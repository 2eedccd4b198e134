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
    cron: str = Field(description="five fields: minute hour day month weekday")
    timezone: str = "Europe/Moscow"
    input: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    paused: bool = False
    last_run_id: str | None = Field(default=None, foreign_key="run.id")
    last_fired_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    created_at: datetime = Field(sa_column=time_column())
