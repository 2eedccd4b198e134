"""Checkpoints in a SQLite file, written by the one thread that writes to it.

The connection of LangGraph's own asynchronous saver waits for the file's lock, in sleeps, whenever our rows
are written.
"""

# ruff: noqa: S608 - every part of a statement is a constant of ours; values are bound.

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, closing
from typing import Any, ClassVar, TypeVar

from langgraph.checkpoint.sqlite import SqliteSaver as SynchronousSaver
from sqlalchemy.engine import make_url

from ..db import BUSY_TIMEOUT_MS
from ..turns import Turns
from .saver import Saver, Table
from .threaded import Threaded

T = TypeVar("T")

# A checkpoint does not wait for the disk: the next commit of our rows, as of a run's end, carries it there,
# for the file's log is one sequence. When the machine dies, a run may find an earlier checkpoint and repeat
# a node, as after the death of its process, but never one whose thread has gone on since.
_HASTE, _CARE = "PRAGMA synchronous=NORMAL", "PRAGMA synchronous=FULL"

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


class SqliteSaver(Saver, Threaded, SynchronousSaver):
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

    def __init__(self, connection: sqlite3.Connection, turns: Turns) -> None:
        super().__init__(connection)
        self.is_setup = True
        self.turns = turns

    def call(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except BaseException:
            # Left open, a transaction would keep the file locked for everybody else.
            self.conn.rollback()
            raise

    async def together(self, statements: Sequence[str], values: Mapping[str, Any]) -> None:
        await self.turn(self._together, statements, values)

    async def row(self, query: str, values: Mapping[str, Any]) -> Sequence[Any]:
        def row() -> Sequence[Any]:
            return self.conn.execute(_named(query, values), values).fetchone() or ()

        return await self.turn(row)

    async def keep_newest(self, thread_id: str) -> None:
        await self.together(_PRUNE, {"thread": thread_id})

    def _together(self, statements: Sequence[str], values: Mapping[str, Any]) -> None:
        self.conn.execute(_CARE)
        try:
            with self.conn:
                self.conn.execute("BEGIN IMMEDIATE")
                for statement in statements:
                    self.conn.execute(_named(statement, values), values)
        finally:
            self.conn.execute(_HASTE)


def _named(statement: str, values: Mapping[str, Any]) -> str:
    return statement % {name: f":{name}" for name in values}


@asynccontextmanager
async def open_sqlite(url: str, holds: Callable[[], bool], turns: Turns | None) -> AsyncIterator[Saver]:
    with ExitStack() as stack:
        turns = turns or stack.enter_context(closing(Turns(1, "artel-checkpoint")))
        path = str(make_url(url).database)
        connection = stack.enter_context(closing(sqlite3.connect(path, check_same_thread=False)))
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        connection.execute(_HASTE)
        saver = SqliteSaver(connection, turns)
        saver.holds = holds
        yield saver
