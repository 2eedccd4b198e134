"""Invitations in the database. Using one is a compare-and-set: one account a link."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Table
from sqlalchemy import select as _select
from sqlmodel import SQLModel, col, select

from . import rows
from .db import TenantSession
from .models import Invitation, User

_INVITATIONS: Table = SQLModel.metadata.tables["invitation"]


def add(session: TenantSession, invitation: Invitation) -> None:
    rows.insert(session, invitation)


def of_secret(session: TenantSession, digest: str, now: datetime) -> Invitation | None:
    """The one whose link it is, of whatever tenant, if it may still be used."""
    good = (_INVITATIONS.c.used_at.is_(None), _INVITATIONS.c.expires_at > now)
    query = _select(_INVITATIONS).where(_INVITATIONS.c.id == digest, *good)
    row = session.connection().execute(query).mappings().first()
    return None if row is None else Invitation(**row)


def use(session: TenantSession, digest: str, now: datetime) -> bool:
    """False for everybody but the first."""
    return rows.change(session, Invitation, {"id": digest, "used_at": None}, {"used_at": now}) == 1


def is_needed(session: TenantSession, now: datetime) -> bool:
    """Whether nobody has an account and nobody holds a link to make one."""
    living = (col(Invitation.used_at).is_(None), col(Invitation.expires_at) > now)
    held = session.exec(select(Invitation.id).where(*living).limit(1)).first()
    return held is None and session.exec(select(User.id).limit(1)).first() is None
