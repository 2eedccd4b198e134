"""Who may come in: people, and what shows that somebody is one of them. Secrets are kept as digests."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from .base import Identified, json_column, time_column


class Role(StrEnum):
    VIEWER = "viewer"
    ANALYST = "analyst"
    DEVELOPER = "developer"
    OPERATOR = "operator"
    ADMIN = "admin"


class User(Identified, table=True):
    """Somebody who may sign in. A login is one person's in the whole installation: it tells the tenant."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("login"),
        CheckConstraint("lang IN ('ru', 'en')", name="user_lang"),
    )

    login: str = Field(max_length=64)
    name: str
    roles: list[str] = Field(default_factory=list, sa_column=json_column(), description="of Role")
    lang: str = "ru"
    password: str | None = Field(default=None, description="argon2 hash; null: nobody knows a password")
    totp: str | None = Field(default=None, description="secret of the second factor, encrypted")
    totp_step: int | None = Field(default=None, description="the last step used: no code is good twice")
    disabled_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    created_at: datetime = Field(sa_column=time_column())


class SignIn(Identified, table=True):
    """A person's session in a browser. Its id is the digest of the secret in the cookie."""

    user_id: str = Field(foreign_key="users.id", index=True, max_length=64)
    created_at: datetime = Field(sa_column=time_column())
    expires_at: datetime = Field(sa_column=time_column(index=True))


class ApiKey(Identified, table=True):
    """What a machine shows instead of a person: with the rights that both its roles and its owner's give."""

    __table_args__ = (UniqueConstraint("digest"),)

    user_id: str = Field(foreign_key="users.id", index=True, max_length=64)
    name: str
    digest: str = Field(max_length=64)
    roles: list[str] = Field(default_factory=list, sa_column=json_column())
    created_at: datetime = Field(sa_column=time_column())
    expires_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))


class Invitation(Identified, table=True):
    """A link by which one person makes an account. Its id is the digest of the secret in the link."""

    roles: list[str] = Field(default_factory=list, sa_column=json_column())
    actor: str = Field(description="who invites")
    created_at: datetime = Field(sa_column=time_column())
    expires_at: datetime = Field(sa_column=time_column())
    used_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))


class ApprovalLimit(Identified, table=True):
    """The amount of a deal up to which somebody, or whoever has a role, approves it."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "subject"),
        CheckConstraint("rub >= 0", name="approval_limit"),
    )

    subject: str = Field(max_length=80, description="person:<login>, as the audit knows them, or role:<role>")
    rub: int = Field(sa_type=BigInteger)


class LoginAttempt(Identified, table=True):
    """A password that was tried and was not right, as far as is known yet."""

    login: str = Field(index=True, max_length=64)
    address: str = Field(index=True, max_length=64)
    at: datetime = Field(sa_column=time_column(index=True))


class SigningKey(Identified, table=True):
    """A pair of keys that tokens are signed with: its id is the `kid`. One that is retired only verifies."""

    private: str = Field(description="PEM, encrypted")
    public: str = Field(description="PEM")
    created_at: datetime = Field(sa_column=time_column())
    retired_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))


class RevokedToken(Identified, table=True):
    """A token that is not good any more though its time has not passed. Its id is the `jti`."""

    expires_at: datetime = Field(sa_column=time_column(index=True))
