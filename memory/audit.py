"""The audit trail: who did what to which row. Entries are only added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from .db import TenantSession
from .models import AuditEntry
from .rows import insert_missing


def record(
    session: TenantSession,
    *,
    id: str,
    actor: str,
    action: str,
    subject_type: str,
    subject_id: str,
    detail: dict[str, Any],
    now: datetime,
) -> None:
    """Add one entry. An id that is there already changes nothing, so a repeated step adds no second.

    actor: person:<name>, agent:<name> or system. detail: a JSON object.
    """
    subject = {"subject_type": subject_type, "subject_id": subject_id}
    entry = {"id": id, "actor": actor, "action": action, **subject, "detail": detail, "at": now}
    insert_missing(session, AuditEntry, [entry])


def entries(session: TenantSession, subject_type: str, subject_id: str) -> list[AuditEntry]:
    """All that happened to one subject, the oldest first."""
    subject = (AuditEntry.subject_type == subject_type, AuditEntry.subject_id == subject_id)
    return list(
        session.exec(select(AuditEntry).where(*subject).order_by(col(AuditEntry.at), col(AuditEntry.id)))
    )


def page(
    session: TenantSession, *, limit: int, before: str | None = None, actor: str | None = None
) -> Sequence[AuditEntry]:
    """The newest first; `before` is the last id of the page before."""
    query = select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(AuditEntry.id) < before)
    if actor is not None:
        query = query.where(AuditEntry.actor == actor)
    return session.exec(query).all()
