"""Schedules: a cron line in a time zone, when it fires next and what became of the last time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field, model_validator

from .base import Body, Id, Json, Line, Row

Cron = Annotated[Line, Field(description="five fields: minute hour day month weekday (0 and 7 are Sunday)")]
Zone = Annotated[Line, Field(description="such as Europe/Moscow")]


class LastRunOut(Row):
    """The schedule's newest run."""

    id: str
    status: str
    error: str | None
    created_at: datetime
    finished_at: datetime | None


class ScheduleOut(Row):
    """`next_times` are the next three; none while the schedule is paused."""

    id: str
    name: str
    graph: str
    assistant_id: str | None
    thread_id: str | None
    cron: str
    timezone: str
    input: dict[str, Any]
    meta: dict[str, Any]
    paused: bool
    ends_at: datetime | None
    last_run_id: str | None
    last_fired_at: datetime | None
    created_at: datetime
    updated_at: datetime | None
    next_times: list[datetime]
    last_run: LastRunOut | None


class ScheduleIn(Body):
    """What to start and when. On a thread its runs wait for each other; else each gets a new one."""

    name: Line
    graph: Line
    cron: Cron
    timezone: Annotated[Zone | None, Field(description="the server's own without it")] = None
    input: Json = Field(default_factory=dict)
    meta: Json = Field(default_factory=dict)
    thread_id: Id | None = None
    paused: bool = False
    ends_at: Annotated[AwareDatetime | None, Field(description="the last moment at which it fires")] = None


class ScheduleChange(Body):
    """What is left out stays as it is; `ends_at` of null takes the end away."""

    name: Line = ""
    cron: Cron = ""
    timezone: Zone = ""
    input: Json = Field(default_factory=dict)
    meta: Json = Field(default_factory=dict)
    paused: bool = False
    ends_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _line_with_its_zone(self) -> Self:
        if len({"cron", "timezone"} & self.model_fields_set) == 1:
            raise ValueError("a cron line and its timezone come together")
        return self
