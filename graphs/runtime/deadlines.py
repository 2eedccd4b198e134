"""What has waited too long for a person is shown to everybody as late. It is never decided by that."""

from __future__ import annotations

from datetime import datetime, timedelta

from memory import audit, reviews
from memory.db import TenantSession

from .engine import Engine
from .late import Digest

BATCH = 200


class Deadlines:
    """limit: how long a question may wait before it is escalated (None: for ever); digest: who is told."""

    def __init__(self, engine: Engine, limit: timedelta | None, digest: Digest | None = None) -> None:
        self._engine, self._limit, self._digest = engine, limit, digest

    async def escalate(self) -> int:
        """How many became late since the last look. Several processes may look at once: each is told once."""
        if self._limit is None:
            return 0
        late, before = 0, self._engine.clock() - self._limit
        await self._tell(before, self._limit)
        while batch := await self._engine.memory.write(self._escalate, before, self._limit):
            late += batch
        return late

    async def _tell(self, before: datetime, limit: timedelta) -> None:
        """Before they are marked: whoever dies in between tells the same ones again, by the same key."""
        memory = self._engine.memory
        if self._digest is not None and (due := await memory.read(reviews.due, before)):
            await self._digest.tell(memory.tenant, due, limit)

    def _escalate(self, session: TenantSession, before: datetime, limit: timedelta) -> int:
        now = self._engine.clock()
        late = reviews.escalate(session, before, now, BATCH)
        for review_id in late:
            audit.record(
                session,
                id=self._engine.new_id(),
                actor="system",
                action="review.escalate",
                subject_type="review",
                subject_id=review_id,
                detail={"waited_h": limit / timedelta(hours=1)},
                now=now,
            )
        return len(late)
