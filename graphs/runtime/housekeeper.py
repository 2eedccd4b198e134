"""Looks around once a minute: thins the history of threads that rest, drops what has outlived its time,
marks what has waited too long."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from datetime import timedelta

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError

from memory import threads
from memory.checkpoints import Checkpoints
from memory.store import sweep

from .deadlines import Deadlines
from .engine import Engine
from .threads import ThreadService

log = structlog.get_logger()

EVERY_S = 60.0
BATCH = 100


class Housekeeper:
    """prune_after: how long a thread's whole history is kept once it rests (None: for ever)."""

    def __init__(
        self,
        engine: Engine,
        service: ThreadService,
        deadlines: Deadlines,
        prune_after: timedelta | None,
    ) -> None:
        self._engine = engine
        self._deadlines = deadlines
        self._threads = service
        self._prune_after = prune_after
        self._checkpoints = Checkpoints(engine.saver)
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.tidy()
            except (DBAPIError, psycopg.Error, sqlite3.Error) as error:
                log.error("threads were not tidied", error=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._stopping.wait()

    def stop(self) -> None:
        self._stopping.set()

    async def tidy(self) -> int:
        """How many threads were thinned. The newest checkpoint of each stays: it can be run again."""
        await self._deadlines.escalate()
        await self._threads.expire()
        await sweep(self._engine.store)
        if self._prune_after is None:
            return 0
        thinned = 0
        while batch := await self._resting():
            await self._checkpoints.prune(batch)
            await self._engine.memory.write(threads.pruned, batch, self._engine.clock())
            thinned += len(batch)
        return thinned

    async def _resting(self) -> list[str]:
        assert self._prune_after is not None
        before = self._engine.clock() - self._prune_after
        return await self._engine.memory.read(threads.resting, before, BATCH)
