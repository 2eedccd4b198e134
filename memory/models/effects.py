"""What the outside world could see, each with a key that makes it happen once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from .base import Identified, json_column, time_column


class EffectStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class Effect(Identified, table=True):
    """Pending is written before the attempt, so an attempt that died in the middle is known."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        CheckConstraint("status IN ('pending', 'done', 'failed')", name="effect_status"),
        CheckConstraint("kind IN ('letter', 'crm', 'notification')", name="effect_kind"),
    )

    key: str
    kind: str
    status: str = Field(default=EffectStatus.PENDING)
    thread_id: str | None = Field(default=None, index=True, max_length=64)
    attempts: int = 0
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    result: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    error: str | None = None
    created_at: datetime = Field(sa_column=time_column())
    done_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))


class Deal(Identified, table=True):
    """A row of the embedded CRM: the local pipeline used until a real CRM is connected."""

    __tablename__ = "deal"
    __table_args__ = (UniqueConstraint("tenant_id", "key"),)

    key: str = Field(description="the partnership it mirrors")
    title: str
    stage: str
    company: str
    partner: str
    score: float | None = None
    value_rub: int | None = Field(default=None, sa_type=BigInteger)
    note: str = ""
    version: int = 1
    created_at: datetime = Field(sa_column=time_column())
    updated_at: datetime = Field(sa_column=time_column())
