"""What machines show: API keys, and the keys that tokens are signed with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table, delete, or_
from sqlalchemy import select as _select
from sqlmodel import SQLModel, col, select

from . import rows
from .db import TenantSession
from .models import ApiKey, RevokedToken, SigningKey, User
from .notices import tell
from .people import CHANGED

_USERS: Table = SQLModel.metadata.tables["users"]
_KEYS: Table = SQLModel.metadata.tables["apikey"]
_REVOKED: Table = SQLModel.metadata.tables["revokedtoken"]


def of_key(session: TenantSession, digest: str, now: datetime) -> tuple[User, list[str]] | None:
    """Whose key it is, of whatever tenant, and the key's own roles, if both may still be used."""
    good = or_(_KEYS.c.expires_at.is_(None), _KEYS.c.expires_at > now)
    query = _select(_USERS, _KEYS.c.roles.label("within")).join(_KEYS, _KEYS.c.user_id == _USERS.c.id)
    query = query.where(_KEYS.c.digest == digest, good, _USERS.c.disabled_at.is_(None))
    found = session.connection().execute(query).mappings().first()
    if found is None:
        return None
    values = dict(found)
    within = values.pop("within")
    return User(**values), within


def of_token(session: TenantSession, user_id: str, jti: str) -> User | None:
    """The user, of whatever tenant, if they may still come in and their tenant has not revoked the token."""
    theirs = (_REVOKED.c.id == jti, _REVOKED.c.tenant_id == _USERS.c.tenant_id)
    revoked = _select(_REVOKED.c.id).where(*theirs).exists()
    query = _select(_USERS).where(_USERS.c.id == user_id, _USERS.c.disabled_at.is_(None), ~revoked)
    found = session.connection().execute(query).mappings().first()
    return None if found is None else User(**found)


def add_key(session: TenantSession, key: ApiKey) -> None:
    rows.insert(session, key)


def get_key(session: TenantSession, key_id: str) -> ApiKey | None:
    return rows.find(session, ApiKey, {"id": key_id})


def keys_of(session: TenantSession, user_id: str) -> Sequence[ApiKey]:
    """The oldest first."""
    query = select(ApiKey).where(ApiKey.user_id == user_id)
    return session.exec(query.order_by(col(ApiKey.created_at), col(ApiKey.id))).all()


def remove_key(session: TenantSession, key_id: str) -> None:
    tell(session, CHANGED)
    session.execute(delete(ApiKey).where(col(ApiKey.id) == key_id))


def revoke(session: TenantSession, token: RevokedToken, now: datetime) -> None:
    """Keep that it is revoked until its time has passed; forget those whose time has."""
    tell(session, CHANGED)
    session.execute(delete(RevokedToken).where(col(RevokedToken.expires_at) <= now))
    rows.insert_missing(session, RevokedToken, [token.model_dump()])


def add_signing(session: TenantSession, key: SigningKey) -> None:
    rows.insert(session, key)


def signings(session: TenantSession, retired_after: datetime) -> Sequence[SigningKey]:
    """The newest first, without those that were retired before."""
    living = or_(col(SigningKey.retired_at).is_(None), col(SigningKey.retired_at) > retired_after)
    order = (col(SigningKey.created_at).desc(), col(SigningKey.id).desc())
    return session.exec(select(SigningKey).where(living).order_by(*order)).all()


def rotate(session: TenantSession, key: SigningKey) -> None:
    """From now on the others only verify."""
    tell(session, CHANGED)
    rows.change(session, SigningKey, {"retired_at": None}, {"retired_at": key.created_at})
    add_signing(session, key)
