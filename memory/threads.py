"""Threads in the database: how each stands, and the search for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, delete, func, or_
from sqlmodel import col, select

from . import rows
from .containing import contains
from .db import TenantSession
from .models import Run, RunEvent, Thread, ThreadStatus

Sort = Literal["thread_id", "status", "created_at", "updated_at", "state_updated_at"]

_SORTED_BY: Mapping[Sort, Any] = {
    "thread_id": col(Thread.id),
    "status": col(Thread.status),
    "created_at": col(Thread.created_at),
    "updated_at": col(Thread.updated_at),
    "state_updated_at": col(Thread.updated_at),
}


class ThreadTaken(Exception):
    """Another tenant has a thread of this id."""


@dataclass(frozen=True)
class Filter:
    """What to look for: each field that is set narrows it. `metadata` and `values` are parts of theirs."""

    ids: Sequence[str] = ()
    status: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """A thread and its values as its last run or a person left them; None: only the checkpoint tells them."""

    thread: Thread
    values: dict[str, Any] | None = None
    assistant_id: str | None = None


def get(session: TenantSession, thread_id: str) -> Thread | None:
    return rows.find(session, Thread, {"id": thread_id})


def lock(session: TenantSession, thread_id: str) -> Thread | None:
    """The thread as it stands now; it is nobody else's to change until the transaction ends."""
    return rows.find(session, Thread, {"id": thread_id}, lock=True)


def ensure(session: TenantSession, thread_id: str, graph: str, now: datetime) -> Thread:
    """The thread, locked, made when it is not there: so starts on one thread follow each other.

    Errors: ThreadTaken.
    """
    if thread := lock(session, thread_id):
        return thread
    new = Thread(id=thread_id, graph=graph, created_at=now, updated_at=now)
    if add(session, new):
        return new
    # Somebody has made it meanwhile, or it is another tenant's.
    if (thread := lock(session, thread_id)) is None:
        raise ThreadTaken(f"thread {thread_id!r} belongs to somebody else")
    return thread


def add(session: TenantSession, thread: Thread) -> bool:
    """False when the id is taken; then nothing is changed."""
    return rows.insert_missing(session, Thread, [thread.model_dump()]) == 1


def change(session: TenantSession, thread_id: str, /, **values: Any) -> bool:
    return rows.change(session, Thread, {"id": thread_id}, values) == 1


def remove(session: TenantSession, thread_id: str) -> None:
    """The thread and the frames of its runs; the runs stay, for they say what happened."""
    of_thread = select(Run.id).where(Run.thread_id == thread_id)
    session.execute(delete(RunEvent).where(col(RunEvent.run_id).in_(of_thread)))
    session.execute(delete(Thread).where(col(Thread.id) == thread_id))


def search(
    session: TenantSession, filter: Filter, *, sort: Sort, descending: bool, limit: int, offset: int
) -> list[Standing]:
    by = (_SORTED_BY[sort], col(Thread.id))
    order = [column.desc() if descending else column.asc() for column in by]
    query = _standing(session, filter).order_by(*order).limit(limit).offset(offset)
    return [_of(*row) for row in session.execute(query)]


def standing(session: TenantSession, thread_id: str) -> Standing | None:
    row = session.execute(_standing(session, Filter(ids=(thread_id,)))).first()
    return _of(*row) if row else None


def count(session: TenantSession, filter: Filter) -> int:
    query = _standing(session, filter).with_only_columns(func.count(), maintain_column_froms=True)
    return int(session.execute(query).scalar_one())


def of_assistant(session: TenantSession, assistant_id: str) -> list[str]:
    """Ids of the threads that the assistant has run on."""
    ran = select(Run.thread_id).where(Run.assistant_id == assistant_id)
    return list(session.exec(select(Thread.id).where(col(Thread.id).in_(ran))))


def expired(session: TenantSession, now: datetime, limit: int = 100) -> list[str]:
    """Ids of threads that have outlived their time and are not in use."""
    times = session.exec(select(Thread.ttl_s).where(col(Thread.ttl_s).is_not(None)).distinct()).all()
    outlived = [
        and_(col(Thread.ttl_s) == ttl, col(Thread.updated_at) < now - timedelta(seconds=ttl))
        for ttl in times
        if ttl is not None
    ]
    if not outlived:
        return []
    unused = (or_(*outlived), Thread.status != ThreadStatus.BUSY)
    return list(session.exec(select(Thread.id).where(*unused).order_by(col(Thread.id)).limit(limit)))


def _of(thread: Thread, result: dict[str, Any] | None, assistant_id: str | None) -> Standing:
    return Standing(thread, thread.values if result is None else result, assistant_id)


def _standing(session: TenantSession, filter: Filter) -> Any:
    columns: Any = select(Thread, Run.result, Run.assistant_id)
    joined = columns.join(Run, col(Run.id) == col(Thread.last_run_id), isouter=True)
    return joined.where(*_conditions(session, filter))


def _conditions(session: TenantSession, filter: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filter.ids:
        conditions.append(col(Thread.id).in_(filter.ids))
    if filter.status:
        conditions.append(col(Thread.status) == filter.status)
    if filter.values:
        by_hand = and_(
            col(Thread.last_run_id).is_(None), contains(session, col(Thread.values), filter.values)
        )
        conditions.append(or_(contains(session, col(Run.result), filter.values), by_hand))
    return [*conditions, *_described(session, dict(filter.metadata))]


def _described(session: TenantSession, metadata: dict[str, Any]) -> list[ColumnElement[bool]]:
    """Clients find the threads of a graph or an assistant by metadata that nobody has to write."""
    conditions: list[ColumnElement[bool]] = []
    if (graph := metadata.pop("graph_id", None)) is not None:
        conditions.append(col(Thread.graph) == str(graph))
    if (assistant := metadata.pop("assistant_id", None)) is not None:
        by_hand = contains(session, col(Thread.meta), {"assistant_id": assistant})
        conditions.append(or_(col(Run.assistant_id) == str(assistant), by_hand))
    if metadata:
        conditions.append(contains(session, col(Thread.meta), metadata))
    return conditions


def resting(session: TenantSession, before: datetime, limit: int) -> list[str]:
    """Threads with nothing under way since `before` whose history is still whole."""
    idle = (col(Thread.status).in_((ThreadStatus.IDLE, ThreadStatus.ERROR)), col(Thread.updated_at) < before)
    query = select(Thread.id).where(*idle, col(Thread.pruned_at).is_(None)).limit(limit)
    return list(session.exec(query))


def pruned(session: TenantSession, thread_ids: Sequence[str], now: datetime) -> None:
    """Note that the histories were thinned, and drop the frames that nobody comes back for."""
    rows.change(session, Thread, {"id": tuple(thread_ids)}, {"pruned_at": now})
    runs_of = select(Run.id).where(col(Run.thread_id).in_(thread_ids))
    session.exec(delete(RunEvent).where(col(RunEvent.run_id).in_(runs_of)))
