"""Checkpoints in a SQLite file. Everything goes over the saver's one connection, under its lock."""

# ruff: noqa: S608 - every part of a statement is a constant of ours; values are bound.

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar, TypeVar

import aiosqlite
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from sqlalchemy.engine import make_url

from ..db import BUSY_TIMEOUT_MS
from .saver import Saver, Table

T = TypeVar("T")

_NEWEST = """(SELECT max(checkpoint_id) FROM checkpoints AS newest
    WHERE newest.thread_id = old.thread_id AND newest.checkpoint_ns = {})"""
_OF_NAMESPACE, _OF_ROOT = _NEWEST.format("old.checkpoint_ns"), _NEWEST.format("''")

# A thread with delta channels reads its values from the writes of older checkpoints.
_PRUNABLE = """old.thread_id = %(thread)s AND NOT EXISTS (SELECT 1 FROM checkpoints AS delta
    WHERE delta.thread_id = %(thread)s AND instr(delta.metadata, 'counters_since_delta_snapshot'))"""

_PRUNE = (
    f"DELETE FROM checkpoints AS old WHERE {_PRUNABLE} AND checkpoint_id < {_OF_NAMESPACE}",
    # The call of a subgraph, whose namespace names its task, goes with the checkpoint that it started from.
    f"""DELETE FROM checkpoints AS old WHERE {_PRUNABLE} AND instr(checkpoint_ns, ':')
        AND json_extract(CAST(metadata AS TEXT), '$.parents.""') < {_OF_ROOT}""",
    f"""DELETE FROM writes AS old WHERE {_PRUNABLE}
        AND checkpoint_id < coalesce({_OF_NAMESPACE}, {_OF_ROOT})""",
    f"""UPDATE checkpoints AS old SET parent_checkpoint_id = NULL
        WHERE {_PRUNABLE} AND parent_checkpoint_id IS NOT NULL""",
)


class SqliteSaver(Saver, AsyncSqliteSaver):
    tables: ClassVar[Sequence[Table]] = (
        Table(
            "checkpoints",
            "checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata",
            "length(checkpoint) + length(CAST(metadata AS BLOB))",
        ),
        Table(
            "writes",
            "checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value",
            "length(CAST(value AS BLOB))",
        ),
    )
    among = "(SELECT value FROM json_each(%(threads)s))"

    async def together(self, statements: Sequence[str], values: Mapping[str, Any]) -> None:
        await self._whole(self._together(statements, values))

    async def row(self, query: str, values: Mapping[str, Any]) -> Sequence[Any]:
        async with self.lock, self.conn.execute(_named(query, values), values) as cursor:
            return await cursor.fetchone() or ()

    async def keep_newest(self, thread_id: str) -> None:
        await self.together(_PRUNE, {"thread": thread_id})

    async def _together(self, statements: Sequence[str], values: Mapping[str, Any]) -> None:
        async with self.lock:
            await self.conn.execute("BEGIN IMMEDIATE")
            try:
                for statement in statements:
                    await self.conn.execute(_named(statement, values), values)
                await self.conn.commit()
            except BaseException:
                await self.conn.rollback()
                raise

    async def _whole(self, work: Awaitable[T]) -> T:
        """To its end even when the caller is cancelled: half of it would leave a transaction open,
        and the file locked for everybody else.
        """
        task = asyncio.ensure_future(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise


def _named(statement: str, values: Mapping[str, Any]) -> str:
    return statement % {name: f":{name}" for name in values}


@asynccontextmanager
async def open_sqlite(url: str, holds: Callable[[], bool]) -> AsyncIterator[Saver]:
    async with aiosqlite.connect(str(make_url(url).database)) as connection:
        await connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        saver = SqliteSaver(connection)
        saver.holds = holds
        saver.is_setup = True
        yield saver
