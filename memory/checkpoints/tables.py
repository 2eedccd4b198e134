"""LangGraph's tables: its checkpoints and its store, made whole or not at all by whoever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing

from sqlalchemy.engine import make_url

from ..db import BUSY_TIMEOUT_MS
from ..schema import _prepared as alone

# Whoever makes the tables waits for this lock: CREATE … IF NOT EXISTS fails when two do it at once.
_LOCK = "SELECT pg_advisory_xact_lock(4702394921427289929)"


async def setup(url: str) -> None:
    """Make the tables or bring them forward, also when processes start together; else nothing changes."""
    make = _sqlite if make_url(url).get_backend_name() == "sqlite" else _postgres
    await asyncio.to_thread(make, url)


def plain(url: str) -> str:
    """The address as psycopg wants it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _sqlite(url: str) -> None:
    import sqlite3

    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.store.sqlite import SqliteStore

    address = make_url(url)
    with alone(address), closing(sqlite3.connect(str(address.database), isolation_level=None)) as connection:
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        SqliteSaver(connection).setup()
        SqliteStore(connection).setup()


def _postgres(url: str) -> None:
    import psycopg
    from langgraph.checkpoint.postgres import PostgresSaver
    from langgraph.store.postgres import PostgresStore
    from psycopg.rows import dict_row

    class Savers(PostgresSaver):
        MIGRATIONS = _inside(PostgresSaver.MIGRATIONS)

    class Stores(PostgresStore):
        MIGRATIONS = _inside(PostgresStore.MIGRATIONS)

    with psycopg.connect(plain(url), row_factory=dict_row) as connection:
        connection.execute(_LOCK)
        Savers(connection).setup()
        Stores(connection).setup()


def _inside(migrations: Sequence[str]) -> list[str]:
    """As a transaction allows them: an index is made while writers wait, for then nobody else waits for us.

    A process that waits for the lock holds a snapshot, which CREATE INDEX CONCURRENTLY waits for.
    """
    return [migration.replace(" CONCURRENTLY", "") for migration in migrations]
