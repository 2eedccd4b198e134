"""The frames of a run's stream: kept in the database before anybody sees them.

Who comes again with the number of the last frame they saw gets all that followed, from whatever process.
"""

from __future__ import annotations

import asyncio
from typing import Any

from memory import runs
from memory.db import Memory
from memory.models import Run

from .encoding import encode


class Frames:
    """Writes frames in the background, many in one transaction, so that the graph does not wait for each."""

    def __init__(self, memory: Memory, run: Run) -> None:
        self._memory = memory
        self._run = run
        self._last: int | None = None
        self._unwritten: list[tuple[str, str]] = []
        self._writing: asyncio.Task[None] | None = None

    def put(self, event: str, data: Any) -> None:
        self._unwritten.append((event, encode(data).decode()))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def flush(self) -> None:
        """Return once all that was put is on disk. Errors: those of the database; LeaseLost."""
        while self._writing is not None and not self._writing.done():
            await self._writing
        if self._writing is not None:
            self._writing.result()

    async def _write(self) -> None:
        if self._last is None:
            self._last = await self._memory.read(runs.last_frame, self._run.id)
        while self._unwritten:
            batch, self._unwritten = self._unwritten, []
            await self._memory.write(runs.add_frames, self._run.id, self._last + 1, batch)
            self._last += len(batch)
