"""Alembic's entry: the connection is handed over by memory.schema, never read from a file."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import inspect
from sqlmodel import AutoString, SQLModel

import memory.models  # noqa: F401  (fills the metadata)
from memory.models.base import UtcDateTime

connection = context.config.attributes["connection"]


def _ours(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    # The same database holds the checkpoints and the queue, which migrate themselves.
    return not (kind == "table" and reflected and compare_to is None)


def _render(kind: str, thing: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Our two column types in the words of a migration: it must not break when the models move."""
    if isinstance(thing, AutoString):
        return f"sa.String({thing.length or ''})"
    if isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    include_object=_ours,
    render_item=_render,
    # SQLite cannot change a table in place. An empty database needs no such detour.
    render_as_batch=bool(inspect(connection).get_table_names()),
)
with context.begin_transaction():
    context.run_migrations()
