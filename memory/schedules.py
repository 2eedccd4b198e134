"""Schedules in the database: what to start, when, and what came of the last time.

Every change is told in its transaction, so that the schedulers of all processes hear of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, or_, update
from sqlmodel import col, select

from . import audit
from .containing import contains
from .db import TenantSession
from .models import Run, Schedule
from .notices import Notice, tell
from .rows import insert_missing

TOPIC = "schedules"
DELETED = "schedule.delete"
Sort = Literal["id", "name", "assistant_id", "thread_id", "created_at", "updated_at", "ends_at"]


@dataclass(frozen=True)
class LastRun:
    """The newest run of a schedule."""

    id: str
    status: str
    error: str | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class Kept:
    """A schedule and its last run."""

    schedule: Schedule
    last: LastRun | None


@dataclass(frozen=True)
class Filter:
    """None means any; `meta` is what a schedule's meta must hold."""

    graph: str | None = None
    assistant_id: str | None = None
    thread_id: str | None = None
    paused: bool | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


def get(session: TenantSession, schedule_id: str) -> Kept | None:
    found = session.execute(_kept().where(col(Schedule.id) == schedule_id)).first()
    return _row(found) if found else None


def all_of(session: TenantSession) -> Sequence[Schedule]:
    return session.exec(select(Schedule).order_by(col(Schedule.name))).all()


def search(
    session: TenantSession,
    filter: Filter,
    *,
    limit: int | None = None,
    offset: int = 0,
    sort: Sort = "name",
    descending: bool = False,
) -> list[Kept]:
    columns = (getattr(Schedule, sort), col(Schedule.id))
    order = [column.desc() if descending else column.asc() for column in columns]
    query = _kept().where(*_conditions(session, filter)).order_by(*order).limit(limit).offset(offset)
    return [_row(row) for row in session.execute(query)]


def count(session: TenantSession, filter: Filter) -> int:
    return session.exec(select(func.count(col(Schedule.id))).where(*_conditions(session, filter))).one()


def add(session: TenantSession, schedule: Schedule) -> bool:
    """False when its name or id is taken; then nothing is changed."""
    if not insert_missing(session, Schedule, [schedule.model_dump()]):
        return False
    _changed(session, schedule.id)
    return True


def ensure(session: TenantSession, schedule: Schedule) -> bool:
    """Add the schedule unless it is there, by its id or name, or was there and somebody deleted it."""
    past = audit.entries(session, "schedule", schedule.id)
    known = or_(col(Schedule.id) == schedule.id, col(Schedule.name) == schedule.name)
    if any(entry.action == DELETED for entry in past) or session.exec(select(Schedule).where(known)).first():
        return False
    return add(session, schedule)


def change(session: TenantSession, schedule_id: str, **values: Any) -> Schedule | None:
    """Errors: IntegrityError when another schedule has the name."""
    schedule = session.get(Schedule, schedule_id)
    if schedule is not None:
        schedule.sqlmodel_update(values)
        session.flush()
        _changed(session, schedule_id)
    return schedule


def delete(session: TenantSession, schedule_id: str) -> Schedule | None:
    """The schedule that is no more; its runs stay."""
    schedule = session.get(Schedule, schedule_id)
    if schedule is not None:
        session.delete(schedule)
        session.flush()
        _changed(session, schedule_id)
    return schedule


def ran(session: TenantSession, schedule_id: str, run_id: str, *, at: datetime | None = None) -> None:
    """Keep the newest run (ids sort by creation) and the latest time that has fired; neither goes back.

    at: the time that was due; None for a run that a person asked for.
    """
    _advance(session, schedule_id, col(Schedule.last_run_id), run_id)
    if at is not None:
        _advance(session, schedule_id, col(Schedule.last_fired_at), at)


def _advance(session: TenantSession, schedule_id: str, column: Any, value: object) -> None:
    later = (col(Schedule.id) == schedule_id, or_(column.is_(None), column < value))
    session.execute(update(Schedule).where(*later).values({column.key: value}))


def _changed(session: TenantSession, schedule_id: str) -> None:
    tell(session, Notice(TOPIC, "changed", {"id": schedule_id}))


def _kept() -> Any:
    run = (Run.id, Run.status, Run.error, Run.created_at, Run.finished_at)
    columns: Any = select(Schedule, *run)  # type: ignore[call-overload]
    return columns.join(Run, col(Run.id) == col(Schedule.last_run_id), isouter=True)


def _row(row: Any) -> Kept:
    schedule, id, *rest = row
    return Kept(schedule, LastRun(id, *rest) if id else None)


def _conditions(session: TenantSession, filter: Filter) -> list[ColumnElement[bool]]:
    wanted = {
        col(Schedule.graph): filter.graph,
        col(Schedule.assistant_id): filter.assistant_id,
        col(Schedule.thread_id): filter.thread_id,
        col(Schedule.paused): filter.paused,
    }
    conditions = [column == value for column, value in wanted.items() if value is not None]
    return [*conditions, contains(session, col(Schedule.meta), filter.meta)] if filter.meta else conditions
