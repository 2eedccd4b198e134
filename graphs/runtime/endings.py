"""How a run leaves its worker: ended, asking, tried again later, cancelled, or taken over by another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import structlog

from memory import reviews, runs
from memory.db import Memory, TenantSession
from memory.models import Cancel, Review, Run, RunStatus

from .encoding import storable
from .engine import Engine
from .execution import Asked, Ending
from .frames import Rest
from .leaving import Left, leave
from .questions import is_question, review_for
from .retries import backoff, passes
from .rollback import rollback

log = structlog.get_logger()

ERROR_LENGTH = 2_000


class Endings:
    """Each is one transaction, fenced by the claim: the run, its thread, reviews, webhook and notice."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def store(self, run: Run, ending: Ending) -> None:
        if ending.passing and run.retries < self._engine.limits.max_retries:
            later = self._engine.clock() + backoff(run.retries, self._engine.rng)
            if not await self._of(run).write(_release, run, later, ending.rest):
                await self.stopped(run)
            return
        try:
            ended = await self._end(run, ending)
        except Exception as error:
            if passes(error):
                raise
            log.exception("end of run cannot be stored", run_id=run.id)
            line = f"its end cannot be stored: {type(error).__name__}: {error}"
            ended = await self._end(run, Ending(RunStatus.FAILED, error=line))
        if not ended:
            await self.stopped(run)

    async def stopped(self, run: Run) -> None:
        """The run was stopped from outside: cancelled if somebody asked for that, else given back."""
        stands = await self._of(run).read(runs.get, run.id)
        if stands is None or any(getattr(stands, name) != it for name, it in runs.held(run).items()):
            return
        if stands.cancel is None:
            if not await self._of(run).write(runs.release, run):
                await self.stopped(run)
            return
        if stands.cancel == Cancel.ROLLBACK:
            await rollback(self._engine.saver, run.thread_id, run.id)
        await self._end(run, Ending(RunStatus.CANCELLED))

    async def take_over(self, dead: str) -> None:
        """Queue again what a dead worker ran."""
        await self._engine.memory.write(self._take, dead, ())

    async def take_up(self, member: str, lost: Collection[str]) -> None:
        """Queue again what this worker holds and does not drive: its end could not be stored."""
        if lost:
            await self._engine.memory.write(self._take, member, lost)

    async def _end(self, run: Run, ending: Ending) -> bool:
        asked = [self._asked(run, it) for it in ending.questions if is_question(it.interrupt.value)]
        return await self._of(run).write(self._finish, run, ending, asked)

    def _take(self, session: TenantSession, worker: str, only: Collection[str]) -> None:
        now, most = self._engine.clock(), self._engine.limits.max_deaths
        for run in runs.take_over(session, worker, now, max_deaths=most, only=only):
            if run.status == RunStatus.DEAD:
                leave(self._engine, session, run, Left(RunStatus.DEAD, error=run.error))

    def _finish(self, session: TenantSession, run: Run, ending: Ending, asked: Sequence[Review]) -> bool:
        error = ending.error and ending.error[:ERROR_LENGTH]
        now = self._engine.clock()
        if not runs.finish(session, run, ending.status, now, result=storable(ending.values), error=error):
            return False
        runs.add_frames(session, run, ending.rest.first, ending.rest.frames)
        opened = [reviews.open_review(session, review) for review in asked]
        left = Left(ending.status, ending.values, error, _by_task(ending.questions), opened)
        leave(self._engine, session, run, left)
        return True

    def _asked(self, run: Run, asked: Asked) -> Review:
        return review_for(run, asked.interrupt, id=self._engine.new_id(), now=self._engine.clock())

    def _of(self, run: Run) -> Memory:
        return Memory(self._engine.memory.database, run.tenant_id)


def _release(session: TenantSession, run: Run, later: datetime, rest: Rest) -> bool:
    given = runs.release(session, run, not_before=later, retried=1)
    if given:
        runs.add_frames(session, run, rest.first, rest.frames)
    return given


def _by_task(questions: Sequence[Asked]) -> dict[str, list[Any]]:
    """As LangGraph's clients know them: {task id: [{id, value}]}."""
    by_task: dict[str, list[Any]] = {}
    for asked in questions:
        by_task.setdefault(asked.task_id, []).append(storable(asked.interrupt))
    return by_task
