"""What somebody is still to be told of what has become late. Every function takes a session first.

It is noted in the transaction that marks it, as an effect that is pending, so a mark is told of once,
whoever dies. One look at the reviews is one effect, however many transactions it marks in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select

from .db import TenantSession
from .ids import derived
from .models import Effect, EffectStatus
from .rows import change, find, insert_missing

# Whoever looked may still be marking; and nobody wants to be told of what became late long ago.
PATIENCE, FORGOTTEN = timedelta(minutes=5), timedelta(days=1)
SHOWN = 20
KIND = "notification"


def key_of(look: datetime) -> str:
    """By which looks at the reviews sort as their times do."""
    return f"late/{look:%Y-%m-%dT%H:%M:%S.%f}"


def note(session: TenantSession, titles: Sequence[str], look: datetime) -> None:
    """So many more became late at this look: {count, titles}, of which the first few are kept."""
    tenant, key = session.info["tenant"], key_of(look)
    empty = {"count": 0, "titles": []}
    fresh = Effect(id=derived("effect", tenant, key), key=key, kind=KIND, payload=empty, created_at=look)
    insert_missing(session, Effect, [fresh.model_dump()])
    noted = find(session, Effect, {"key": key}, lock=True)
    assert noted is not None
    known = noted.payload
    told = {"count": known["count"] + len(titles), "titles": [*known["titles"], *titles][:SHOWN]}
    change(session, Effect, {"key": key}, {"payload": told})


def untold(session: TenantSession, look: datetime) -> Sequence[Effect]:
    """Of this look, and of older ones whose teller has died or could not tell; the oldest first."""
    older = col(Effect.key).between(key_of(look - FORGOTTEN), key_of(look - PATIENCE))
    waits = (older | (col(Effect.key) == key_of(look)), col(Effect.status) != EffectStatus.DONE)
    return session.exec(select(Effect).where(*waits).order_by(col(Effect.key))).all()
