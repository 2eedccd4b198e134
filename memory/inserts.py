"""Inserts that leave alone what is already there, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from .db import TenantSession
from .models import TenantRow

_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_missing(session: TenantSession, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose keys nobody has. One statement, so two workers may do it at once.

    A tenant's rows get the session's tenant: such an insert passes no flush that would stamp them.
    """
    if rows:
        insert = _INSERT[session.get_bind().dialect.name]
        owner = {"tenant_id": session.info["tenant"]} if issubclass(model, TenantRow) else {}
        session.exec(insert(model).on_conflict_do_nothing(), params=[{**row, **owner} for row in rows])
