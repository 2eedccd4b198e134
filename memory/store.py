"""LangGraph's long-term memory, which threads share: the same database as everything else."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from langgraph.store.base import BaseStore
from langgraph.store.base.batch import AsyncBatchedBaseStore
from sqlalchemy.engine import make_url

from .checkpoints import setup
from .db import BUSY_TIMEOUT_MS


@asynccontextmanager
async def open_store(url: str, *, pool_size: int = 4) -> AsyncIterator[AsyncBatchedBaseStore]:
    """A store for `sqlite:///file` or `postgresql://…`, its tables made, closed at the end."""
    await setup(url)
    opened = _sqlite(url) if make_url(url).get_backend_name() == "sqlite" else _postgres(url, pool_size)
    async with opened as store:
        try:
            yield store
        finally:
            await _stop(store)


@asynccontextmanager
async def _sqlite(url: str) -> AsyncIterator[AsyncBatchedBaseStore]:
    import aiosqlite
    from langgraph.store.sqlite.aio import AsyncSqliteStore

    path = str(make_url(url).database)
    async with aiosqlite.connect(path, isolation_level=None, factory=_Eager) as connection:
        await connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        store = AsyncSqliteStore(connection)
        await store.setup()
        yield store


@asynccontextmanager
async def _postgres(url: str, pool_size: int) -> AsyncIterator[AsyncBatchedBaseStore]:
    from langgraph.store.postgres.aio import AsyncPostgresStore

    from .checkpoints.pools import open_pool

    async with open_pool(url, pool_size) as pool:
        yield AsyncPostgresStore(pool)


class _Eager(sqlite3.Connection):
    """The store reads before it writes, and SQLite refuses, without waiting, a transaction that wants
    to write when somebody else has written since it read. So it waits for its turn at the beginning.
    """

    def execute(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
        return super().execute("BEGIN IMMEDIATE" if statement == "BEGIN" else statement, *parameters)


async def sweep(store: BaseStore) -> None:
    """Delete the items that have outlived their time: LangGraph's store tells them until then."""
    if swept := getattr(store, "sweep_ttl", None):
        await swept()


async def _stop(store: AsyncBatchedBaseStore) -> None:
    """Its task, which would go on after the connection is closed."""
    if (task := store._task) is not None:
        task.cancel()
        await asyncio.wait([task])
