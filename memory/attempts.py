"""Passwords that were tried, so that all processes together know who tries too often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select

from .db import TenantSession
from .models import LoginAttempt
from .rows import insert


def since(session: TenantSession, login: str, address: str, start: datetime) -> Sequence[LoginAttempt]:
    """Those for the login or from the address after `start`, the oldest first; older ones are forgotten."""
    session.execute(delete(LoginAttempt).where(col(LoginAttempt.at) <= start))
    either = (LoginAttempt.login == login) | (LoginAttempt.address == address)
    return session.exec(select(LoginAttempt).where(either).order_by(col(LoginAttempt.at))).all()


def add(session: TenantSession, attempt: LoginAttempt) -> None:
    insert(session, attempt)


def forget(session: TenantSession, login: str, address: str) -> None:
    """It was the right one in the end."""
    theirs = (col(LoginAttempt.login) == login, col(LoginAttempt.address) == address)
    session.execute(delete(LoginAttempt).where(*theirs))
