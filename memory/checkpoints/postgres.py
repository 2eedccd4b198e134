"""Checkpoints in PostgreSQL, over a pool of connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from select import POLLIN, poll
from typing import Any, ClassVar, cast

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection
from psycopg.errors import DeadlockDetected, SerializationFailure
from psycopg.rows import DictRow, dict_row, tuple_row
from psycopg_pool import AsyncConnectionPool

from ..db import LINK
from .saver import Saver, Table
from .tables import plain

Pool = AsyncConnectionPool[AsyncConnection[DictRow]]


class PostgresSaver(Saver, AsyncPostgresSaver):
    tables: ClassVar[Sequence[Table]] = (
        Table(
            "checkpoints",
            "checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata",
            "octet_length(checkpoint::text) + octet_length(metadata::text)",
        ),
        Table(
            "checkpoint_writes",
            "checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, blob",
            "octet_length(blob)",
        ),
        Table("checkpoint_blobs", "checkpoint_ns, channel, version, type, blob", "octet_length(blob)"),
    )
    among = "(SELECT jsonb_array_elements_text(CAST(%(threads)s AS jsonb)))"
    sweep: ClassVar[Sequence[str]] = (
        """DELETE FROM checkpoint_blobs AS unused WHERE thread_id = %(thread)s AND NOT EXISTS (
            SELECT 1 FROM checkpoints AS kept
            WHERE kept.thread_id = unused.thread_id AND kept.checkpoint_ns = unused.checkpoint_ns
            AND kept.checkpoint -> 'channel_versions' ->> unused.channel = unused.version)""",
    )

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.pool = pool
        # LangGraph's lock is for the one connection of a saver without a pool.
        self.lock = cast(asyncio.Lock, nullcontext())

    async def call_itself(self, name: str) -> None:
        assert isinstance(self.pool.kwargs, dict)
        self.pool.kwargs["application_name"] = name
        await self.pool.drain()

    async def together(self, statements: Sequence[str], values: Mapping[str, Any]) -> None:
        async with self.pool.connection() as connection, connection.transaction():
            await connection.execute("SET LOCAL synchronous_commit = on")
            for statement in statements:
                await connection.execute(statement.encode(), values)

    async def row(self, query: str, values: Mapping[str, Any]) -> Sequence[Any]:
        async with self.pool.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(query.encode(), values)
            return await cursor.fetchone() or ()

    async def keep_newest(self, thread_id: str) -> None:
        # Who loses against another prune leaves the thread to it; one with delta channels is not pruned.
        with suppress(SerializationFailure, DeadlockDetected, NotImplementedError):
            await self.aprune([thread_id])


@asynccontextmanager
async def open_postgres(url: str, holds: Callable[[], bool], pool_size: int) -> AsyncIterator[Saver]:
    async with open_pool(url, pool_size, _hasten) as pool:
        saver = PostgresSaver(pool)
        saver.holds = holds
        yield saver


async def _hasten(connection: AsyncConnection[Any]) -> None:
    """A checkpoint does not wait for the disk: what is committed later, as a run's end is, carries it there.

    The server's log is one sequence. When the server dies, a run may find an earlier checkpoint and repeat a
    node, as after the death of its worker, but never one whose thread has gone on since.
    """
    await connection.execute("SET synchronous_commit = off")


@asynccontextmanager
async def open_pool(
    url: str, size: int, configure: Callable[[AsyncConnection[Any]], Awaitable[None]] | None = None
) -> AsyncIterator[Pool]:
    """Connections as LangGraph's saver and store want them; they are opened when they are needed."""
    options = {**LINK, "autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    pool: Pool = AsyncConnectionPool(
        plain(url),
        kwargs=options,
        min_size=1,
        max_size=size,
        open=False,
        configure=configure,
        check=_unbroken,
    )
    async with pool:
        yield pool


async def _unbroken(connection: AsyncConnection[DictRow]) -> None:
    """An idle connection to which the server has said something was ended by it, most likely; to look for
    that costs nothing, to ask the server each time would cost a round trip.
    """
    heard = poll()
    heard.register(connection.fileno(), POLLIN)
    if heard.poll(0):
        await AsyncConnectionPool.check_connection(connection)
