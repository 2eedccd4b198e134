"""Users, and what everybody may know of themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from graphs.runtime.people.passwords import LONGEST, SHORTEST
from graphs.runtime.people.rights import Permission
from memory.models import Role

from .base import Body, Line, Row

Login = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=64, pattern=r"^[\w.@+-]+$")
]
Password = Annotated[str, StringConstraints(min_length=SHORTEST, max_length=LONGEST)]
Roles = Annotated[list[Role], Field(min_length=1, max_length=len(Role))]


class MeOut(Row):
    """Whoever asks. id: null for the holder of the installation's own token; csrf: what a page of a session
    sends in `X-CSRF-Token` with what it changes."""

    id: str | None
    login: str
    name: str
    tenant: str
    roles: list[Role]
    permissions: list[Permission]
    lang: str
    csrf: str | None


class UserOut(Row):
    id: str
    login: str
    name: str
    roles: list[Role]
    lang: str
    disabled_at: datetime | None
    created_at: datetime


class UserIn(Body):
    """Without a password they come in by a key, by OIDC or not at all."""

    login: Login
    name: Annotated[Line | None, Field(description="how others see them; the login without it")] = None
    roles: Roles
    lang: Literal["ru", "en"] = "ru"
    password: Password | None = None


class UserChange(Body):
    """What is left out stays as it is. Who is disabled is signed out at once."""

    name: Line = ""
    roles: Roles = Field(default_factory=list)
    lang: Literal["ru", "en"] = "ru"
    disabled: bool = False


class InvitationIn(Body):
    roles: Roles


class InvitationMade(BaseModel):
    """path: of the link, behind the address of this server."""

    path: str
    roles: list[Role]
    expires_at: datetime


class PasswordIn(Body):
    password: Password


class CodeIn(Body):
    """code: the six digits that the app shows."""

    code: str


class SecondFactorOut(Row):
    """secret: what the app is told; address: the same as a link or a QR code."""

    secret: str
    address: str


class OwnPasswordIn(PasswordIn):
    """`old`: the one that is to be replaced."""

    old: str
