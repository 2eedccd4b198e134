"""Runs in the database: the queue, and the only places where a status changes.

A status changes by one UPDATE that names the status it leaves; what a worker writes also names the
worker and its claim. Claiming and taking over look at the runs of all tenants, everything else at one's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, case, exists, func, or_
from sqlalchemy import select as _select
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import SQLModel, col, select

from .db import TenantSession
from .models import Cancel, Run, RunEvent, RunStatus
from .notices import Notice, tell
from .rows import change, changed, find, insert, insert_missing, made
from .statements import fetch

ACTIVE = (RunStatus.QUEUED, RunStatus.RUNNING)
OPEN = (*ACTIVE, RunStatus.WAITING)
QUEUE = Notice("queue", "queued")
NODE = "node"
"""The frame that says that a node has ended; every run has those, whatever else is kept of it."""

_RUN: Table = SQLModel.metadata.tables["run"]
# Held while capped runs are counted and claimed, so that two workers cannot both take the last place.
_CAPS_LOCK = _select(func.pg_advisory_xact_lock(4702394921427289929))
# A server that believes the queue to be empty, as it usually is, looks at all of it before it takes one.
_AT_EASE = _select(
    *(func.set_config(it, "off", True) for it in ("enable_sort", "enable_bitmapscan", "synchronous_commit"))
)

_NOW: Any = bindparam("now", type_=_RUN.c.started_at.type)

_QUEUES = _RUN.c.queue.in_(bindparam("queues", expanding=True))
_DUE: Select[Any] = (
    _select(_RUN.c.not_before)
    .where(_RUN.c.status == RunStatus.QUEUED, _QUEUES, _RUN.c.not_before > _NOW)
    .order_by(_RUN.c.not_before)
    .limit(1)
)

_ACTIVE_ON = (
    _select(_RUN.c.id)
    .where(
        _RUN.c.tenant_id == bindparam("tenant"),
        _RUN.c.thread_id == bindparam("thread"),
        or_(*(_RUN.c.status == status for status in ACTIVE)),
    )
    .limit(1)
)


@dataclass(frozen=True)
class Caps:
    """How many runs may run at once: of one tenant (None: any number), of each provider that is named."""

    tenant: int | None = None
    providers: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.tenant is not None or bool(self.providers)

    def told(self) -> dict[str, int]:
        """As values of the statement that claims."""
        providers = {f"most_{number}": most for number, most in enumerate(self.providers.values())}
        return {**({} if self.tenant is None else {"most_of_tenant": self.tenant}), **providers}


def topic(run_id: str) -> str:
    """Where notices of this run are told."""
    return f"run/{run_id}"


def thread_topic(thread_id: str) -> str:
    """Where it is told that a run of the thread has begun or ended, or that its state was changed by hand."""
    return f"thread/{thread_id}"


def get(session: TenantSession, run_id: str) -> Run | None:
    return find(session, Run, {"id": run_id})


def by_key(session: TenantSession, key: str) -> Run | None:
    return find(session, Run, {"key": key})


def active(session: TenantSession) -> Sequence[Run]:
    return session.exec(select(Run).where(col(Run.status).in_(ACTIVE)).order_by(col(Run.id))).all()


def active_on(session: TenantSession, thread_id: str) -> Sequence[Run]:
    """The queued and running runs of a thread, the oldest first."""
    of_thread = (Run.thread_id == thread_id, col(Run.status).in_(ACTIVE))
    return session.exec(select(Run).where(*of_thread).order_by(col(Run.id))).all()


def is_active_on(session: TenantSession, thread_id: str) -> bool:
    """Whether the thread has a queued or running run. Each run that ends asks it: one plain query."""
    session.flush()
    asked = {"tenant": session.info["tenant"], "thread": thread_id}
    return bool(fetch(session.connection(), _ACTIVE_ON, asked))


def begun_after(session: TenantSession, thread_id: str, run_id: str | None) -> Run | None:
    """The run that began next on the thread after run `run_id`; the first one there was without an id."""
    last = get(session, run_id) if run_id else None
    query = select(Run).where(Run.thread_id == thread_id, col(Run.started_at).is_not(None))
    if last is not None:
        later = col(Run.started_at) > last.started_at
        query = query.where(or_(later, and_(col(Run.started_at) == last.started_at, col(Run.id) > last.id)))
    return session.exec(query.order_by(col(Run.started_at), col(Run.id)).limit(1)).first()


def newest_begun(session: TenantSession, thread_id: str) -> Run | None:
    query = select(Run).where(Run.thread_id == thread_id, col(Run.started_at).is_not(None))
    return session.exec(query.order_by(col(Run.started_at).desc(), col(Run.id).desc()).limit(1)).first()


def end_waiting(session: TenantSession, thread_id: str, to: RunStatus, now: datetime) -> None:
    """End the runs that wait for an answer on the thread, and tell whoever listens to them."""
    waiting = {"thread_id": thread_id, "status": RunStatus.WAITING}
    for run_id in changed(session, Run, waiting, {"status": to, "finished_at": now}):
        tell(session, Notice(topic(run_id), "status", {"status": to, "error": None}))


def add(session: TenantSession, run: Run) -> Run:
    """Store the run; workers hear of it once it is committed, unless one has claimed it already."""
    insert(session, run)
    if run.status == RunStatus.QUEUED:
        tell(session, replace(QUEUE, data={"at": run.not_before.isoformat()}) if run.not_before else QUEUE)
    return run


def claim(
    session: TenantSession, worker: str, queues: Collection[str], limit: int, caps: Caps, now: datetime
) -> list[Run]:
    """Take up to `limit` queued runs for `worker`, the most urgent first, never two of one thread.

    It need not wait for the disk: a claim that is lost with the power leaves the run in the queue.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_AT_EASE)
        if caps:
            connection.execute(_CAPS_LOCK)
    told = {"worker": worker, "queues": list(queues), "now": now, "most": 1 if caps else limit}
    taken = connection.execute(
        _claiming(caps.tenant is not None, tuple(caps.providers)), {**told, **caps.told()}
    )
    rows = [Run(**row) for row in taken.mappings()]
    return sorted(rows, key=lambda run: (run.priority, run.id))


def next_due(session: TenantSession, queues: Collection[str], now: datetime) -> datetime | None:
    """When the next delayed run may start."""
    return session.connection().execute(_DUE, {"queues": list(queues), "now": now}).scalar()


def owners(session: TenantSession) -> set[str]:
    """Who runs anything."""
    query = _select(_RUN.c.owner).where(_RUN.c.status == RunStatus.RUNNING).distinct()
    return set(session.connection().execute(query).scalars())


def held_by(session: TenantSession, worker: str) -> set[tuple[str, int]]:
    """What the worker runs, each as (id, attempts): by which claim it does."""
    query = _select(_RUN.c.id, _RUN.c.attempts).where(
        _RUN.c.owner == worker, _RUN.c.status == RunStatus.RUNNING
    )
    return {(row.id, row.attempts) for row in session.connection().execute(query)}


def take_over(
    session: TenantSession, worker: str, now: datetime, *, max_deaths: int, only: Collection[str] = ()
) -> list[Run]:
    """Queue again what a dead `worker` ran (or `only` these of it), also to carry out a cancellation; what
    has killed `max_deaths` workers is dead."""
    held = [_RUN.c.owner == worker, _RUN.c.status == RunStatus.RUNNING]
    if only:
        held.append(_RUN.c.id.in_(only))
    deaths = _RUN.c.deaths + 1
    status = case((deaths >= max_deaths, RunStatus.DEAD), else_=RunStatus.QUEUED)
    statement = (
        _RUN.update()
        .where(*held)
        .values(
            status=status,
            deaths=deaths,
            owner=None,
            error=case((status == RunStatus.DEAD, f"gave up: {max_deaths} workers died on it"), else_=None),
            finished_at=case((status == RunStatus.QUEUED, None), else_=now),
        )
        .returning(*_RUN.c)
    )
    taken = [Run(**row) for row in session.connection().execute(statement).mappings()]
    if any(run.status == RunStatus.QUEUED for run in taken):
        tell(session, QUEUE)
    return taken


def release(
    session: TenantSession, run: Run, *, not_before: datetime | None = None, retried: int = 0
) -> bool:
    """Give the claimed run back to the queue: its worker stops, or an error passes by and it is retried.

    False when it is no longer the claimer's, or is to be cancelled instead.
    """
    values = {
        "status": RunStatus.QUEUED,
        "owner": None,
        "not_before": not_before,
        "retries": run.retries + retried,
    }
    given = change(session, Run, {**held(run), "cancel": None}, values) == 1
    if given:
        tell(session, QUEUE)
    return given


def finish(session: TenantSession, run: Run, status: RunStatus, now: datetime, **values: Any) -> bool:
    """End the claimed run; False when it is no longer the claimer's, or is to be cancelled instead, and then
    nothing is changed."""
    asked = {} if status == RunStatus.CANCELLED else {"cancel": None}
    ended = {"status": status, "finished_at": now, **values}
    return change(session, Run, {**held(run), **asked}, ended) == 1


def settle(
    session: TenantSession, run_id: str, left: tuple[RunStatus, ...], to: RunStatus, now: datetime
) -> bool:
    """Move the run from one of the statuses `left`; False when it stood in none of them."""
    return change(session, Run, {"id": run_id, "status": left}, {"status": to, "finished_at": now}) == 1


def ask_to_cancel(session: TenantSession, run_id: str, how: str) -> bool:
    """Tell the run's worker to stop it; False when nobody runs it."""
    asked = change(session, Run, {"id": run_id, "status": RunStatus.RUNNING}, {"cancel": how}) == 1
    if asked:
        tell(session, Notice(topic(run_id), "cancel", {"how": how}))
    return asked


def take_back(session: TenantSession, run_id: str) -> bool:
    """Let a worker undo what the run has done before it was queued again; False when it is not queued.

    Until then the run keeps its thread, so that the next one begins where this one did.
    """
    undone = {"cancel": Cancel.ROLLBACK, "not_before": None}
    asked = change(session, Run, {"id": run_id, "status": RunStatus.QUEUED}, undone) == 1
    if asked:
        tell(session, QUEUE)
    return asked


def revoke(session: TenantSession, run_id: str, now: datetime) -> bool:
    """Cancel a delayed run that nobody has begun, and free its key; False when it is too late."""
    waits = {"id": run_id, "status": RunStatus.QUEUED, "attempts": 0}
    gone = {"status": RunStatus.CANCELLED, "key": None, "finished_at": now}
    return change(session, Run, waits, gone) == 1


def requeue(session: TenantSession, run_id: str) -> bool:
    """Give a dead or failed run another chance, with its counts at zero."""
    ended = {"id": run_id, "status": (RunStatus.DEAD, RunStatus.FAILED)}
    fresh = {"status": RunStatus.QUEUED, "deaths": 0, "retries": 0, "error": None}
    free = {"owner": None, "cancel": None, "not_before": None, "finished_at": None}
    given = change(session, Run, ended, {**fresh, **free}) == 1
    if given:
        tell(session, QUEUE)
    return given


def held(run: Run) -> dict[str, Any]:
    """The claim of a run as conditions: whoever has it now, has it by this claim."""
    return {"id": run.id, "owner": run.owner, "attempts": run.attempts, "status": RunStatus.RUNNING}


def add_frames(session: TenantSession, run: Run, first: int, frames: Sequence[tuple[str, str]]) -> None:
    """Keep (event, JSON text) frames as number `first` and following, and tell whoever listens.

    Those that a write whose answer was lost has kept already stay.
    """
    if not frames:
        return
    rows = [
        {"id": f"{run.id}:{seq}", "run_id": run.id, "seq": seq, "event": event, "data": data}
        for seq, (event, data) in enumerate(frames, first)
    ]
    insert_missing(session, RunEvent, rows)
    tell(session, Notice(topic(run.id), "frame"))
    if first == 1:
        tell(session, Notice(thread_topic(run.thread_id), "run"))


def frames(
    session: TenantSession, run_id: str, after: int, *, only: str | None = None, limit: int | None = 500
) -> Sequence[RunEvent]:
    """Those that follow number `after`; `only` those of one event."""
    told = {"run": run_id, "after": after, "only": only, "limit": limit, "tenant": session.info["tenant"]}
    session.flush()
    found = session.connection().execute(_frames(only is not None, limit is not None), told)
    return [made(RunEvent, row) for row in found.mappings()]


@cache
def _frames(only: bool, limited: bool) -> Select[Any]:
    frame = SQLModel.metadata.tables["run_event"].c
    of_run = (frame.tenant_id == bindparam("tenant"), frame.run_id == bindparam("run"))
    query = _select(*frame).where(*of_run, frame.seq > bindparam("after")).order_by(frame.seq)
    query = query.where(frame.event == bindparam("only")) if only else query
    return query.limit(bindparam("limit")) if limited else query


def last_frame(session: TenantSession, run_id: str) -> int:
    return session.exec(
        select(func.coalesce(func.max(RunEvent.seq), 0)).where(RunEvent.run_id == run_id)
    ).one()


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


# To put it together takes longer than to execute it.
@cache
def _claiming(tenant_capped: bool, providers: tuple[str, ...]) -> ReturningUpdate[Any]:
    # With caps one at a time, for each that is taken may have filled its cap.
    allowed = [_QUEUES, *_below(tenant_capped, providers)]
    chosen = _claimable(_NOW, allowed).limit(bindparam("most")).with_for_update(skip_locked=True)
    claimed = {
        "status": RunStatus.RUNNING,
        "owner": bindparam("worker"),
        "attempts": _RUN.c.attempts + 1,
        "started_at": func.coalesce(_RUN.c.started_at, _NOW),
    }
    return _RUN.update().where(_RUN.c.id.in_(chosen.scalar_subquery())).values(claimed).returning(*_RUN.c)


def _claimable(now: Any, allowed: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Ids of queued runs whose time has come and whose thread is free, in the order of their claim."""
    conditions = (_RUN.c.status == RunStatus.QUEUED, _is_due(_RUN, now), ~_thread_is_taken(now), *allowed)
    return _select(_RUN.c.id).where(*conditions).order_by(_RUN.c.priority, _RUN.c.id)


def _thread_is_taken(now: Any) -> ColumnElement[bool]:
    """A thread's runs go in their order; one that waits to be tried again holds the others up, a delayed
    one that has not begun does not."""
    other = _RUN.alias("other")
    earlier = and_(
        other.c.status == RunStatus.QUEUED,
        other.c.id < _RUN.c.id,
        or_(other.c.attempts > 0, _is_due(other, now)),
    )
    same = other.c.thread_id == _RUN.c.thread_id
    return exists().where(same, or_(other.c.status == RunStatus.RUNNING, earlier))


def _is_due(table: Any, now: Any) -> ColumnElement[bool]:
    return or_(table.c.not_before.is_(None), table.c.not_before <= now)


def _below(tenant_capped: bool, providers: Sequence[str]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if tenant_capped:
        conditions.append(_running_beside("tenant_id") < bindparam("most_of_tenant"))
    for number, provider in enumerate(providers):
        fits = _running_beside("provider") < bindparam(f"most_{number}")
        conditions.append(or_(_RUN.c.provider.is_distinct_from(provider), fits))
    return conditions


def _running_beside(column: str) -> Any:
    """How many runs run that have the same value in `column`."""
    other = _RUN.alias(f"same_{column}")
    same = (other.c.status == RunStatus.RUNNING, other.c[column] == _RUN.c[column])
    return _select(func.count()).select_from(other).where(*same).scalar_subquery()
