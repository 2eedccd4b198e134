"""Checkpoints in PostgreSQL, over a pool of connections and as many threads.

A plain statement in a thread costs the processor a fraction of what an asynchronous connection does.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, nullcontext, suppress
from typing import Any, ClassVar, cast

from langgraph.checkpoint.postgres import PostgresSaver as SynchronousSaver
from psycopg import Connection
from psycopg.errors import DeadlockDetected, SerializationFailure
from psycopg.rows import DictRow, tuple_row
from psycopg_pool import ConnectionPool

from ..turns import Turns
from .bundle import Bundle
from .pools import OPTIONS, has_heard
from .saver import Saver, Table
from .tables import plain
from .threaded import Threaded

Connections = ConnectionPool[Connection[DictRow]]


class PostgresSaver(Saver, Threaded, SynchronousSaver):
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

    def __init__(self, pool: Connections, turns: Turns) -> None:
        super().__init__(pool)
        self.pool = pool
        self.turns = turns
        # LangGraph's lock is for the one connection of a saver without a pool.
        self.lock = cast(threading.Lock, nullcontext())

    async def call_itself(self, name: str) -> None:
        assert isinstance(self.pool.kwargs, dict)
        self.pool.kwargs["application_name"] = name
        await self.turn(self.pool.drain)

    async def together(self, statements: Sequence[str], values: Mapping[str, Any]) -> None:
        await self.turn(self._together, statements, values)

    async def row(self, query: str, values: Mapping[str, Any]) -> Sequence[Any]:
        return await self.turn(self._row, query, values)

    async def keep_newest(self, thread_id: str) -> None:
        # Who loses against another prune leaves the thread to it; one with delta channels is not pruned.
        with suppress(SerializationFailure, DeadlockDetected, NotImplementedError):
            await self.turn(self.prune, [thread_id])

    def _together(self, statements: Sequence[str], values: Mapping[str, Any]) -> None:
        with self.pool.connection() as connection, connection.transaction():
            connection.execute("SET LOCAL synchronous_commit = on")
            for statement in statements:
                connection.execute(statement.encode(), values)

    def _row(self, query: str, values: Mapping[str, Any]) -> Sequence[Any]:
        with self.pool.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            return cursor.execute(query.encode(), values).fetchone() or ()

    @contextmanager
    def _cursor(self, *, pipeline: bool = False) -> Iterator[Any]:
        """Where LangGraph would open a pipeline, for what is stored whole or not at all: one statement."""
        with super()._cursor() as cursor:
            if not pipeline:
                yield cursor
                return
            bundle = Bundle()
            yield bundle
            statements = bundle.statements()
            with cursor.connection.transaction() if len(statements) > 1 else nullcontext():
                for statement, values in statements:
                    cursor.execute(statement, values)


@asynccontextmanager
async def open_postgres(url: str, holds: Callable[[], bool], pool_size: int) -> AsyncIterator[Saver]:
    pool: Connections = ConnectionPool(
        plain(url),
        kwargs=dict(OPTIONS),
        min_size=1,
        max_size=pool_size,
        open=False,
        configure=_hasten,
        check=_unbroken,
    )
    with closing(Turns(pool_size, "artel-checkpoint")) as turns:
        saver = PostgresSaver(pool, turns)
        saver.holds = holds
        pool.open()
        try:
            yield saver
        finally:
            await asyncio.to_thread(pool.close)


def _hasten(connection: Connection[Any]) -> None:
    """A checkpoint does not wait for the disk: what is committed later, as a run's end is, carries it there.

    The server's log is one sequence. When the server dies, a run may find an earlier checkpoint and repeat a
    node, as after the death of its worker, but never one whose thread has gone on since.
    """
    connection.execute("SET synchronous_commit = off")


def _unbroken(connection: Connection[DictRow]) -> None:
    if has_heard(connection):
        ConnectionPool.check_connection(connection)
