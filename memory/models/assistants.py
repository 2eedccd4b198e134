"""An assistant: a graph with settings of its own, in versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from .base import Identified, json_column, time_column


class Assistant(Identified, table=True):
    """The version in use. Every graph has one assistant from the start, its id derived from the name."""

    graph: str
    name: str
    description: str | None = None
    config: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    context: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    meta: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    version: int = 1
    created_at: datetime = Field(sa_column=time_column())
    updated_at: datetime = Field(sa_column=time_column())


class AssistantVersion(Identified, table=True):
    """What an assistant was at a version; never changed."""

    __tablename__ = "assistant_version"
    __table_args__ = (UniqueConstraint("assistant_id", "version"),)

    assistant_id: str = Field(foreign_key="assistant.id", index=True, max_length=64)
    version: int
    graph: str
    name: str
    description: str | None = None
    config: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    context: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    meta: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    created_at: datetime = Field(sa_column=time_column())
