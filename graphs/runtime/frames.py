"""The frames of a run's stream: kept in the database before anybody sees them.

Who comes again with the number of the last frame they saw gets all that followed, from whatever process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from memory import runs
from memory.db import Memory
from memory.models import Run

from .encoding import encode

# So long a frame may wait for others: quick nodes cost no transaction, the one that ends the run takes them.
LINGER_S = 0.25


@dataclass(frozen=True)
class Rest:
    """Frames that are not kept yet, the first of them with the number `first`."""

    first: int = 1
    frames: Sequence[tuple[str, str]] = ()


class Frames:
    """Writes frames in the background, many in one transaction, so that the graph does not wait for each."""

    def __init__(self, memory: Memory, run: Run) -> None:
        self._memory = memory
        self._run = run
        self._last = 0 if run.attempts == 1 else None
        self._unwritten: list[tuple[str, str]] = []
        self._writing: asyncio.Task[None] | None = None
        self._lingering: asyncio.TimerHandle | None = None
        self._ended = False

    def put(self, event: str, data: Any, *, lingers: bool = False) -> None:
        self._unwritten.append((event, encode(data).decode()))
        if not lingers:
            self._start()
        elif self._lingering is None:
            self._lingering = asyncio.get_running_loop().call_later(LINGER_S, self._start)

    async def flush(self) -> None:
        """Return once all that was put is on disk. Errors: those of the database; LeaseLost."""
        self._start()
        while self._writing is not None and not self._writing.done():
            await self._writing
        if self._writing is not None:
            self._writing.result()

    async def rest(self) -> Rest:
        """What is left for the transaction that ends the run; nothing is put after this."""
        self._ended = True
        self._hurry()
        if self._writing is not None:
            await asyncio.wait((self._writing,))
        return Rest(await self._number() + 1, self._unwritten)

    def leave(self) -> None:
        """The run is stopped, maybe at its end: what is left is written, if it is still this worker's."""
        self._ended = False
        self._start()

    def _start(self) -> None:
        self._hurry()
        if self._unwritten and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write())
            # Who does not wait for it takes up what it could not write.
            self._writing.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _hurry(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None

    async def _write(self) -> None:
        last = await self._number()
        while self._unwritten and not self._ended:
            batch = [*self._unwritten]
            await self._memory.write(runs.add_frames, self._run, last + 1, batch)
            # Only now: those of a write that failed are written with the next.
            del self._unwritten[: len(batch)]
            self._last = last = last + len(batch)

    async def _number(self) -> int:
        """That of the last frame on disk."""
        if self._last is None:
            self._last = await self._memory.read(runs.last_frame, self._run.id)
        return self._last
