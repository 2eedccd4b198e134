"""Who takes part, and what they tell each other: every process is a member, on either database.

A member holds a lock (it goes when the process dies) and a lease (it passes when the process stands still).
What a notice says can be read in the database too: a notice only spares the wait for the next look.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Protocol

from ..db import Database
from ..notices import Notice
from . import folder, postgres
from .lease import AlreadyJoined, Timing
from .postgres import application_name, notify

__all__ = ["AlreadyJoined", "Cluster", "Timing", "application_name", "join", "notify"]


class Cluster(Protocol):
    """The place of one process among the others."""

    member: str
    lost: asyncio.Event
    """Set once the place is gone for good. The process must stop working; it may join again as another."""

    def holds(self) -> bool:
        """False once nobody has answered for a lease: also right after SIGCONT, before any task has run."""
        ...

    async def tell(self, notices: Sequence[Notice]) -> None:
        """Tell the other processes at once. ValueError: a notice of more than 7,500 bytes."""
        ...

    async def dead(self, members: Collection[str]) -> set[str]:
        """Those of `members` that are gone and can write nothing any more. The dead stay dead.

        A lock on PostgreSQL counts as free when two calls `grace_s` apart have seen it free: the holder of a
        connection that broke needs that long to notice.
        """
        ...


@asynccontextmanager
async def join(
    database: Database,
    member: str,
    hear: Callable[[Notice], None],
    *,
    lease_s: float = 10.0,
    beat_s: float = 1.0,
    clock: Callable[[], datetime],
    monotonic: Callable[[], float],
) -> AsyncIterator[Cluster]:
    """Take part as `member`, an id that was never used before, until the block ends.

    `hear` gets every notice of the others, on the event loop; it must not block.
    Errors: AlreadyJoined; on PostgreSQL psycopg.OperationalError when the server does not answer.
    """
    timing = Timing(lease_s, beat_s)
    if database.is_sqlite:
        async with folder.join(database, member, hear, timing, clock, monotonic) as place:
            yield place
    else:
        async with postgres.join(database, member, hear, timing, monotonic) as server:
            yield server
