"""What has waited too long for a person is shown to everybody as late. It is never decided by that."""

from __future__ import annotations

from datetime import timedelta

from memory import audit, reviews
from memory.db import TenantSession

from .engine import Engine

BATCH = 200


class Deadlines:
    """limit: how long a question may wait before it is escalated (None: for ever)."""

    def __init__(self, engine: Engine, limit: timedelta | None) -> None:
        self._engine, self._limit = engine, limit

    async def escalate(self) -> int:
        """How many became late since the last look. Several processes may look at once: each is told once."""
        late = 0
        while batch := await self._engine.memory.write(self._escalate):
            late += batch
        return late

    def _escalate(self, session: TenantSession) -> int:
        if self._limit is None:
            return 0
        now = self._engine.clock()
        late = reviews.escalate(session, now - self._limit, now, BATCH)
        for review_id in late:
            audit.record(
                session,
                id=self._engine.new_id(),
                actor="system",
                action="review.escalate",
                subject_type="review",
                subject_id=review_id,
                detail={"waited_h": self._limit / timedelta(hours=1)},
                now=now,
            )
        return len(late)
