"""Users in the database, and whose the things are that somebody shows at the door.

What is shown at the door tells the tenant, so `Door`'s questions look at the users of all tenants;
everything else at one's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, delete
from sqlalchemy import select as _select
from sqlmodel import SQLModel, col, select

from . import rows
from .db import TenantSession
from .models import SignIn, Tenant, User
from .notices import Notice, tell
from .statements import fetch

# Whoever has looked somebody up, in whatever process, looks again: told by all that takes a right away.
CHANGED = Notice("people", "changed")

_USERS: Table = SQLModel.metadata.tables["users"]
_SIGNINS: Table = SQLModel.metadata.tables["signin"]


def of_login(session: TenantSession, login: str) -> User | None:
    """Whoever in the whole installation has the login, disabled or not."""
    return _one(session, _USERS, _USERS.c.login == login)


def of_signin(session: TenantSession, digest: str, now: datetime) -> User | None:
    """Whose session it is, if it and they may still be used."""
    mine = _USERS.join(_SIGNINS, _SIGNINS.c.user_id == _USERS.c.id)
    return _one(session, mine, _SIGNINS.c.id == digest, _SIGNINS.c.expires_at > now, _ENABLED)


def get(session: TenantSession, user_id: str) -> User | None:
    return rows.find(session, User, {"id": user_id})


def named(session: TenantSession, login: str) -> User | None:
    return rows.find(session, User, {"login": login})


def everybody(session: TenantSession) -> Sequence[User]:
    """By their logins."""
    return session.exec(select(User).order_by(col(User.login))).all()


def names(session: TenantSession) -> dict[str, str]:
    """The name of everybody, by how the audit knows them."""
    found = fetch(session.connection(), _NAMES, {"tenant": session.info["tenant"]})
    return {f"person:{one['login']}": one["name"] for one in found}


def add(session: TenantSession, user: User) -> bool:
    """False when somebody has the login, of whatever tenant; then nothing is changed."""
    return rows.insert_missing(session, User, [user.model_dump()]) == 1


def change(session: TenantSession, user_id: str, /, **values: Any) -> bool:
    tell(session, CHANGED)
    return rows.change(session, User, {"id": user_id}, values) == 1


def advance(session: TenantSession, user: User, step: int) -> bool:
    """Take a one-time code of this step: False when it, or a later one, was taken before."""
    if user.totp_step is None or step <= user.totp_step:
        return False
    known = {"id": user.id, "totp_step": user.totp_step}
    return rows.change(session, User, known, {"totp_step": step}) == 1


def sign_in(session: TenantSession, signin: SignIn) -> None:
    """Keep the session, and forget those whose time has passed."""
    session.execute(delete(SignIn).where(col(SignIn.expires_at) <= signin.created_at))
    rows.insert(session, signin)


def sign_out(session: TenantSession, digest: str) -> None:
    tell(session, CHANGED)
    session.execute(delete(SignIn).where(col(SignIn.id) == digest))


def sign_out_everywhere(session: TenantSession, user_id: str) -> None:
    tell(session, CHANGED)
    session.execute(delete(SignIn).where(col(SignIn.user_id) == user_id))


def tenants(session: TenantSession) -> Sequence[str]:
    """The ids of all."""
    return session.exec(select(Tenant.id).order_by(Tenant.id)).all()


def ensure_tenant(session: TenantSession, tenant: str) -> None:
    rows.insert_missing(session, Tenant, [{"id": tenant, "name": tenant}])


# Put together once: every look at the queue asks for them.
_NAMES = _select(_USERS.c.login, _USERS.c.name).where(_USERS.c.tenant_id == bindparam("tenant"))
_ENABLED = _USERS.c.disabled_at.is_(None)


def _one(session: TenantSession, place: Any, *conditions: ColumnElement[bool]) -> User | None:
    session.flush()
    row = (
        session.connection().execute(_select(_USERS).select_from(place).where(*conditions)).mappings().first()
    )
    return None if row is None else User(**row)
