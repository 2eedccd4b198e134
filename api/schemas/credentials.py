"""API keys and tokens: what machines show. Their secrets are told once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from memory.models import Role

from .base import Body, Id, Line, Row
from .users import Roles


class KeyOut(Row):
    id: str
    user_id: str
    name: str
    roles: list[Role]
    created_at: datetime
    expires_at: datetime | None


class KeyMade(KeyOut):
    """key: what the machine sends, as a bearer or in `X-Api-Key`. It is told only now."""

    key: str


class KeyIn(Body):
    """It may what its roles and those of its user both give. Without a user it is of whoever asks."""

    name: Line
    roles: Roles
    user_id: Id | None = None
    expires_at: AwareDatetime | None = None


class TokenIn(Body):
    lasts_s: Annotated[int, Field(ge=60, le=86_400, description="seconds that it is good")] = 3600


class TokenOut(Row):
    """A JWT (RS256). Its public key stands in /.well-known/jwks.json."""

    token: str
    jti: str
    expires_at: datetime


class SigningOut(Row):
    kid: str
