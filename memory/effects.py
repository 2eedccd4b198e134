"""Effects: what the outside world sees, each performed once for its key.

The row is written as pending before the attempt and as done after it. An attempt that died in between
is repeated, because nobody can know how far it came: so a performer must itself be idempotent by the
key (one file name, one deal key, one Message-ID). Then the visible effect happens once, and a row that
says done was performed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import func
from sqlmodel import col, select

from .db import Memory, TenantSession
from .ids import derived
from .models import Effect, EffectStatus
from .rows import insert_missing

ERROR_LENGTH = 500

# One caller at a time for a key. A lock belongs to an event loop, so the loop is part of its name; what
# two loops or two processes do at once is kept apart by the performer's own idempotency.
_locks: WeakValueDictionary[tuple[asyncio.AbstractEventLoop, str, str, str], asyncio.Lock] = (
    WeakValueDictionary()
)


async def once(
    memory: Memory,
    *,
    key: str,
    kind: str,
    thread_id: str | None,
    payload: dict[str, Any],
    perform: Callable[[], Awaitable[dict[str, Any]]],
    clock: Callable[[], datetime],
) -> dict[str, Any]:
    """The result (a JSON object) of the effect `key`, performing it unless that is done already.

    kind: letter | crm | notification. perform must be idempotent by the key.
    Errors: whatever perform raises; the row then says failed and why, and a later call tries again.
    """
    async with _lock(memory, key):
        known = await memory.write(
            _begin, key=key, kind=kind, thread_id=thread_id, payload=payload, now=clock()
        )
        if known is not None:
            return known
        try:
            result = await perform()
        except Exception as error:
            await memory.write(_fail, key, _line(error))
            raise
        return await memory.write(_finish, key, result, clock())


def effects_of(session: TenantSession, thread_id: str) -> list[Effect]:
    """The effects of a thread, the oldest first."""
    query = select(Effect).where(Effect.thread_id == thread_id)
    return list(session.exec(query.order_by(col(Effect.created_at), col(Effect.id))))


def count(session: TenantSession, *, kind: str) -> int:
    """How many effects of this kind were done."""
    done = (Effect.kind == kind, Effect.status == EffectStatus.DONE)
    return session.exec(select(func.count()).select_from(Effect).where(*done)).one()


def _lock(memory: Memory, key: str) -> asyncio.Lock:
    name = (asyncio.get_running_loop(), memory.database.url, memory.tenant, key)
    return _locks.setdefault(name, asyncio.Lock())


def _begin(
    session: TenantSession,
    *,
    key: str,
    kind: str,
    thread_id: str | None,
    payload: dict[str, Any],
    now: datetime,
) -> dict[str, Any] | None:
    """The stored result when the effect is done, else nothing: the row is pending, one attempt more."""
    tenant = session.info["tenant"]
    id = derived("effect", tenant, key)
    fresh = Effect(id=id, tenant_id=tenant, key=key, kind=kind, thread_id=thread_id, created_at=now)
    insert_missing(session, Effect, [fresh.model_dump()])
    row = _held(session, key)
    if row.status == EffectStatus.DONE:
        return row.result
    row.status, row.payload, row.error = EffectStatus.PENDING, payload, None
    row.attempts += 1
    session.flush()
    return None


def _finish(session: TenantSession, key: str, result: dict[str, Any], now: datetime) -> dict[str, Any]:
    row = _held(session, key)
    if row.status != EffectStatus.DONE:
        row.status, row.result, row.error, row.done_at = EffectStatus.DONE, result, None, now
        session.flush()
    return row.result


def _fail(session: TenantSession, key: str, error: str) -> None:
    row = _held(session, key)
    if row.status != EffectStatus.DONE:
        row.status, row.error = EffectStatus.FAILED, error
        session.flush()


def _held(session: TenantSession, key: str) -> Effect:
    """The row, which nobody else changes before this transaction ends."""
    return session.exec(select(Effect).where(Effect.key == key).with_for_update()).one()


def _line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:ERROR_LENGTH]
