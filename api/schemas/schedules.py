"""Schedules: a cron line in a time zone and when it fires next."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from .base import Body, Line, Row


class ScheduleOut(Row):
    """`next_times` are the next three; none while the schedule is paused."""

    id: str
    name: str
    graph: str
    cron: str
    timezone: str
    input: dict[str, Any]
    paused: bool
    last_run_id: str | None
    last_fired_at: datetime | None
    next_times: list[datetime]


class Timing(Body):
    cron: Annotated[Line, Field(description="five fields: minute hour day month weekday")]
    timezone: Annotated[Line, Field(description="such as Europe/Moscow")]
