"""What has waited too long for a person is shown to everybody as late. It is never decided by that."""

from __future__ import annotations

from datetime import datetime, timedelta

from memory import audit, reviews
from memory.db import TenantSession
from memory.late import note

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
        late, look = 0, self._engine.clock()
        while batch := await self._engine.memory.write(self._escalate, look, self._limit):
            late += batch
        if self._digest is not None:
            await self._digest.tell(self._engine.memory, look, self._limit)
        return late

    def _escalate(self, session: TenantSession, now: datetime, limit: timedelta) -> int:
        late = reviews.escalate(session, now - limit, now, BATCH)
        if late and self._digest is not None:
            titles = reviews.titles(session, late)
            note(session, [titles[id] for id in sorted(late)], now)
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
