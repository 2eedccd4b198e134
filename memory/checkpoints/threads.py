"""What happens to the whole of a thread's checkpoints: pruned, deleted, taken back, copied, measured.

It goes over the saver's own connections, so it may happen while runs write to other threads.
"""

# ruff: noqa: S608 - every part of a statement is a constant of ours; values are bound.

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from langgraph.checkpoint.serde.types import INTERRUPT

from .saver import Saver

# The task under which LangGraph writes what a Command brings.
_COMMAND = "00000000-0000-0000-0000-000000000000"

# A run that goes on from a checkpoint writes to it before it makes the next one. Left are the questions
# there, and what the tasks beside them had done; where nothing was asked, all tasks run again.
_UNDO = f"""DELETE FROM {{writes}} AS undone
    WHERE thread_id = %(thread)s AND channel <> '{INTERRUPT}' AND checkpoint_id = (
        SELECT max(checkpoint_id) FROM checkpoints AS newest
        WHERE newest.thread_id = undone.thread_id AND newest.checkpoint_ns = undone.checkpoint_ns
    ) AND (
        task_id = '{_COMMAND}' OR task_id IN ({{asked}}) OR NOT EXISTS ({{asked}})
    )"""
_ASKED = f"""SELECT asked.task_id FROM {{writes}} AS asked
    WHERE asked.thread_id = undone.thread_id AND asked.checkpoint_ns = undone.checkpoint_ns
    AND asked.checkpoint_id = undone.checkpoint_id AND asked.channel = '{INTERRUPT}'"""


class Checkpoints:
    """A saver's threads. Ids of checkpoints grow with time, across all namespaces of a thread."""

    def __init__(self, saver: Saver) -> None:
        self._saver = saver
        self._writes = saver.tables[1].name

    async def latest_id(self, thread_id: str) -> str | None:
        """The newest checkpoint of the thread, its subgraphs' included: what `rollback` takes."""
        query = "SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = %(thread)s"
        (newest,) = await self._saver.row(query, {"thread": thread_id})
        return None if newest is None else str(newest)

    async def prune(self, thread_ids: Iterable[str]) -> None:
        """Keep each thread's newest checkpoint, with all that its next run needs."""
        for thread_id in thread_ids:
            await self._saver.keep_newest(thread_id)

    async def delete(self, thread_id: str) -> None:
        statements = [
            f"DELETE FROM {table.name} WHERE thread_id = %(thread)s" for table in self._saver.tables
        ]
        await self._saver.together(statements, {"thread": thread_id})

    async def rollback(self, thread_id: str, after: str | None) -> None:
        """Take back a run that began when `after` was the thread's newest checkpoint (None: there was none).

        Questions that were open then are open again. A node that asks twice, or two nodes that asked at
        once and were answered one by one, start again from their first question.
        """
        if after is None:
            return await self.delete(thread_id)
        newer = "DELETE FROM {} WHERE thread_id = %(thread)s AND checkpoint_id > %(after)s"
        undo = _UNDO.format(writes=self._writes, asked=_ASKED.format(writes=self._writes))
        statements = [newer.format("checkpoints"), newer.format(self._writes), undo, *self._saver.sweep]
        await self._saver.together(statements, {"thread": thread_id, "after": after})

    async def copy(self, source: str, target: str) -> None:
        """All of `source` once more, as the thread `target`, which must have nothing yet."""
        statements = [
            f"INSERT INTO {table.name} (thread_id, {table.columns}) "
            f"SELECT CAST(%(target)s AS TEXT), {table.columns} FROM {table.name} WHERE thread_id = %(source)s"
            for table in self._saver.tables
        ]
        await self._saver.together(statements, {"source": source, "target": target})

    async def size(self, thread_ids: Collection[str] | None = None) -> int:
        """Bytes of all values that are stored, of these threads or of all."""
        only = "" if thread_ids is None else f" WHERE thread_id IN {self._saver.among}"
        parts = (f"(SELECT coalesce(sum({t.bytes}), 0) FROM {t.name}{only})" for t in self._saver.tables)
        values: dict[str, Any] = {"threads": json.dumps(list(thread_ids or ()))}
        (total,) = await self._saver.row(f"SELECT {' + '.join(parts)}", values)
        return int(total)
