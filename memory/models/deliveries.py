"""What a caller asked to be told: one call of a webhook at the end of a run."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field

from .base import Identified, json_column, time_column


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


_PENDING = Column("status") == "pending"


class Delivery(Identified, table=True):
    """Written in the transaction that ends the run; tried until it is taken or given up."""

    __table_args__ = (
        UniqueConstraint("run_id"),
        Index("delivery_due", "next_at", sqlite_where=_PENDING, postgresql_where=_PENDING),
        CheckConstraint("status IN ('pending', 'done', 'failed')", name="delivery_status"),
    )

    run_id: str = Field(foreign_key="run.id", max_length=64)
    url: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    status: str = Field(default=DeliveryStatus.PENDING)
    attempts: int = 0
    error: str | None = None
    next_at: datetime = Field(sa_column=time_column())
    created_at: datetime = Field(sa_column=time_column())
    done_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
