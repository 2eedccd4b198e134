"""The audit trail: who did what to which row. Entries are only added."""

from __future__ import annotations

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
