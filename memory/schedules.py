"""Schedules in the database: what to start, when, and what came of the last time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from .db import TenantSession
from .models import Schedule


def get(session: TenantSession, schedule_id: str) -> Schedule | None:
    return session.get(Schedule, schedule_id)


def all_of(session: TenantSession) -> Sequence[Schedule]:
    return session.exec(select(Schedule).order_by(col(Schedule.name))).all()


def ensure(session: TenantSession, schedule: Schedule) -> Schedule:
    """Add the schedule unless one of its name is there."""
    if found := session.exec(select(Schedule).where(Schedule.name == schedule.name)).first():
        return found
    session.add(schedule)
    session.flush()
    return schedule


def change(session: TenantSession, schedule_id: str, **values: Any) -> Schedule | None:
    schedule = session.get(Schedule, schedule_id)
    if schedule is not None:
        schedule.sqlmodel_update(values)
        session.flush()
    return schedule


def fired(session: TenantSession, schedule_id: str, run_id: str, at: datetime) -> None:
    change(session, schedule_id, last_run_id=run_id, last_fired_at=at)
