"""Deliveries in the database: who is still to be told of an ended run, and who is telling them.

A claim is a lease: it moves `next_at` to when others may try. So nothing is to be released when a process
dies, and what it did not write down is repeated; the receiver knows a repeat by its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select, update

from .db import TenantSession
from .models import Delivery, DeliveryStatus
from .notices import Notice
from .rows import change, insert_missing

DUE = Notice("deliveries", "due")


def open_delivery(session: TenantSession, delivery: Delivery) -> None:
    """Keep the delivery, unless its run has one already."""
    insert_missing(session, Delivery, [delivery.model_dump()])


def claim_due(session: TenantSession, now: datetime, until: datetime, limit: int) -> Sequence[Delivery]:
    """Take what is due, and count the attempt: nobody else is handed it before `until`."""
    due = (col(Delivery.status) == DeliveryStatus.PENDING, col(Delivery.next_at) <= now)
    oldest = select(Delivery.id).where(*due).order_by(col(Delivery.next_at), col(Delivery.id)).limit(limit)
    ids = session.exec(oldest.with_for_update(skip_locked=True)).all()
    if not ids:
        return []
    claimed = {"next_at": until, "attempts": Delivery.attempts + 1}
    statement = update(Delivery).where(col(Delivery.id).in_(ids), *due).values(**claimed).returning(Delivery)
    return session.scalars(statement).all()


def done(session: TenantSession, id: str, now: datetime) -> bool:
    """It was taken, whoever else holds it by now or has given it up; False when that is known already."""
    held = {"id": id, "status": (DeliveryStatus.PENDING, DeliveryStatus.FAILED)}
    return (
        change(session, Delivery, held, {"status": DeliveryStatus.DONE, "error": None, "done_at": now}) == 1
    )


def failed(session: TenantSession, id: str, attempts: int, error: str, next_at: datetime | None) -> bool:
    """Attempt number `attempts` came to nothing: try again at `next_at`, or never.

    False when the claim has passed to somebody else meanwhile; then nothing is changed.
    """
    held = {"id": id, "status": DeliveryStatus.PENDING, "attempts": attempts}
    again = {"next_at": next_at} if next_at else {"status": DeliveryStatus.FAILED}
    return change(session, Delivery, held, {"error": error, **again}) == 1


def next_due(session: TenantSession) -> datetime | None:
    """When the next delivery may be claimed; None when there is nothing to deliver."""
    first = select(func.min(Delivery.next_at)).where(Delivery.status == DeliveryStatus.PENDING)
    return session.exec(first).one()
