"""Up to which amount of a deal people and roles approve it, in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete
from sqlmodel import col, select

from . import rows
from .db import TenantSession
from .models import ApprovalLimit


def everybodys(session: TenantSession) -> Sequence[ApprovalLimit]:
    return session.exec(select(ApprovalLimit).order_by(ApprovalLimit.subject)).all()


def of(session: TenantSession, subjects: Collection[str]) -> dict[str, int]:
    """{subject: roubles} of those that have a limit of their own."""
    found = rows.find_all(session, ApprovalLimit, {"subject": tuple(subjects)})
    return {limit.subject: limit.rub for limit in found}


def put(session: TenantSession, limit: ApprovalLimit) -> None:
    """In the place of the one that its subject has had."""
    if not rows.change(session, ApprovalLimit, {"subject": limit.subject}, {"rub": limit.rub}):
        rows.insert_missing(session, ApprovalLimit, [limit.model_dump()])


def remove(session: TenantSession, subject: str) -> bool:
    """False when it had none."""
    gone = delete(ApprovalLimit).where(col(ApprovalLimit.subject) == subject)
    return session.execute(gone.returning(col(ApprovalLimit.id))).first() is not None
