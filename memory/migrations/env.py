"""Alembic's entry: the connection is handed over by memory.schema, never read from a file."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlmodel import SQLModel

import memory.models  # noqa: F401  (fills the metadata)


def _ours(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    # The same database holds the checkpoints and the queue, which migrate themselves.
    return not (kind == "table" and reflected and compare_to is None)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    include_object=_ours,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
