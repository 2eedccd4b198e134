"""The processes that take part: who they are and when they were last heard of."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from .base import time_column


class Member(SQLModel, table=True):
    """One process. An id is never used again: who lost their place comes back as another."""

    id: str = Field(primary_key=True, max_length=64)
    host: str
    pid: int
    joined_at: datetime = Field(sa_column=time_column())
    beat_at: datetime = Field(sa_column=time_column())
