"""Runs in the database. A status changes only by an UPDATE that names the status it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select, update

from .db import TenantSession, change
from .models import Run, RunStatus

ACTIVE = (RunStatus.QUEUED, RunStatus.RUNNING)
OPEN = (*ACTIVE, RunStatus.WAITING)


def get(session: TenantSession, run_id: str) -> Run | None:
    return session.get(Run, run_id)


def by_key(session: TenantSession, key: str) -> Run | None:
    return session.exec(select(Run).where(Run.key == key)).first()


def active(session: TenantSession) -> Sequence[Run]:
    return session.exec(select(Run).where(col(Run.status).in_(ACTIVE)).order_by(col(Run.id))).all()


def add(session: TenantSession, run: Run) -> Run:
    session.add(run)
    session.flush()
    return run


def claim(session: TenantSession, run_id: str, owner: str, now: datetime) -> Run | None:
    """Take the run for `owner` and count the attempt; None when it has ended already.

    The caller makes sure that no living owner has it: see graphs.runtime.engine.
    """
    statement = (
        update(Run)
        .where(col(Run.id) == run_id, col(Run.status).in_(ACTIVE))
        .values(
            status=RunStatus.RUNNING,
            owner=owner,
            attempts=Run.attempts + 1,
            started_at=func.coalesce(Run.started_at, now),
        )
        .returning(Run)
    )
    return session.scalars(statement).one_or_none()


def finish(
    session: TenantSession,
    run_id: str,
    owner: str,
    status: RunStatus,
    *,
    now: datetime,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> bool:
    """End what `owner` runs; False when the run is no longer theirs, and then nothing is changed."""
    held = {"id": run_id, "owner": owner, "status": RunStatus.RUNNING}
    ended = {"status": status, "finished_at": now, "result": result or {}, "error": error}
    return change(session, Run, held, ended) == 1


def settle(
    session: TenantSession, run_id: str, left: tuple[RunStatus, ...], to: RunStatus, now: datetime
) -> bool:
    """Move the run from one of the statuses `left`; False when it stood in none of them."""
    return change(session, Run, {"id": run_id, "status": left}, {"status": to, "finished_at": now}) == 1


def page(
    session: TenantSession,
    *,
    status: Sequence[str] = (),
    graph: str | None = None,
    thread_id: str | None = None,
    limit: int = 50,
    before: str | None = None,
) -> Sequence[Run]:
    """Newest first; `before` is the last id of the page before."""
    query = select(Run).order_by(col(Run.id).desc()).limit(limit)
    if status:
        query = query.where(col(Run.status).in_(status))
    if graph:
        query = query.where(Run.graph == graph)
    if thread_id:
        query = query.where(Run.thread_id == thread_id)
    if before:
        query = query.where(col(Run.id) < before)
    return session.exec(query).all()
