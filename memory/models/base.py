"""What every durable row shares: a tenant, an id made by the caller, aware UTC times, JSON columns."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, DateTime, Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

DEFAULT_TENANT = "default"


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out, on SQLite (which keeps no zone) and PostgreSQL alike."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored: pass an aware datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def time_column(*, nullable: bool = False, index: bool = False) -> Any:
    return Column(UtcDateTime(), nullable=nullable, index=index)


def json_column() -> Any:
    return Column(JSON, nullable=False)


class Tenant(SQLModel, table=True):
    """An owner of rows. There is one, `default`, until sign-in arrives."""

    id: str = Field(primary_key=True, max_length=64)
    name: str


class TenantRow(SQLModel):
    """A business row: memory.db filters every query by its tenant and stamps every insert."""

    tenant_id: str = Field(default=DEFAULT_TENANT, foreign_key="tenant.id", index=True, max_length=64)


class Identified(TenantRow):
    """A tenant's row with an id that the caller makes (UUIDv7 text sorts by creation)."""

    id: str = Field(primary_key=True, max_length=64)
