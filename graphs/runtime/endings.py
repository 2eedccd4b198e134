"""How a run leaves its worker: ended, asking, tried again later, cancelled, or taken over by another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from memory import reviews, runs
from memory.db import Memory, TenantSession, change
from memory.deliveries import open_delivery
from memory.models import Cancel, Delivery, Review, Run, RunStatus, Thread, ThreadStatus
from memory.notices import Notice, tell

from .encoding import storable
from .engine import Engine
from .execution import Ending
from .questions import is_question, review_for
from .retries import backoff
from .rollback import rollback

ERROR_LENGTH = 2_000
_THREAD_STATUS = {
    RunStatus.WAITING: ThreadStatus.INTERRUPTED,
    RunStatus.FAILED: ThreadStatus.ERROR,
    RunStatus.DEAD: ThreadStatus.ERROR,
}


class Endings:
    """Each is one transaction, fenced by the claim: the run, its thread, reviews, webhook and notice."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def store(self, run: Run, ending: Ending) -> None:
        if ending.passing and run.retries < self._engine.limits.max_retries:
            later = self._engine.clock() + backoff(run.retries, self._engine.rng)
            await self._of(run).write(runs.release, run, not_before=later, retried=1)
        else:
            asked = [self._asked(run, it) for it in ending.questions if is_question(it.value)]
            await self._of(run).write(self._finish, run, ending, asked)

    async def stopped(self, run: Run) -> None:
        """The run was stopped from outside: cancelled if somebody asked for that, else given back."""
        stands = await self._of(run).read(runs.get, run.id)
        if stands is None or any(getattr(stands, name) != it for name, it in runs.held(run).items()):
            return
        if stands.cancel is None:
            await self._of(run).write(runs.release, run)
            return
        if stands.cancel == Cancel.ROLLBACK:
            await rollback(self._engine.saver, run.thread_id, run.id)
        await self._of(run).write(self._finish, run, Ending(RunStatus.CANCELLED), [])

    async def take_over(self, dead: str) -> None:
        """Queue again what a dead worker ran."""
        await self._engine.memory.write(self._take, dead, ())

    async def take_up(self, member: str, driven: Collection[str]) -> None:
        """Queue again what this worker holds and does not drive: its end could not be stored."""
        held = await self._engine.memory.read(runs.held_by, member)
        if lost := held - set(driven):
            await self._engine.memory.write(self._take, member, lost)

    def _take(self, session: TenantSession, worker: str, only: Collection[str]) -> None:
        now, most = self._engine.clock(), self._engine.limits.max_deaths
        for run in runs.take_over(session, worker, now, max_deaths=most, only=only):
            if run.status != RunStatus.QUEUED:
                ending = Ending(RunStatus(run.status), error=run.error)
                self._leave(session, run, ending.status, {}, run.error, ())
                self._call_back(session, run, ending)

    def _finish(self, session: TenantSession, run: Run, ending: Ending, asked: Sequence[Review]) -> bool:
        error = ending.error and ending.error[:ERROR_LENGTH]
        now = self._engine.clock()
        if not runs.finish(session, run, ending.status, now, result=storable(ending.values), error=error):
            return False
        for review in asked:
            reviews.open_review(session, review)
        questions = {it.id: [{"id": it.id, "value": storable(it.value)}] for it in ending.questions}
        self._leave(session, run, ending.status, questions, error, [review.id for review in asked])
        self._call_back(session, run, ending)
        return True

    def _leave(
        self,
        session: TenantSession,
        run: Run,
        status: RunStatus,
        questions: dict[str, Any],
        error: str | None,
        asked: Sequence[str],
    ) -> None:
        """The thread as the run leaves it, and the notice that it has."""
        stands = _THREAD_STATUS.get(status, ThreadStatus.IDLE)
        if runs.active_on(session, run.thread_id):
            stands = ThreadStatus.BUSY
            tell(session, runs.QUEUE)
        left = {"status": stands, "interrupts": questions, "last_run_id": run.id}
        change(session, Thread, {"id": run.thread_id}, {**left, "updated_at": self._engine.clock()})
        told = {"status": status, "error": error, **({"reviews": list(asked)} if asked else {})}
        tell(session, Notice(runs.topic(run.id), "status", told))

    def _call_back(self, session: TenantSession, run: Run, ending: Ending) -> None:
        if (url := run.options.get("webhook")) is None:
            return
        now, id = self._engine.clock(), self._engine.new_id()
        told = {"run_id": run.id, "thread_id": run.thread_id, "status": ending.status, "error": ending.error}
        payload = {**told, "metadata": run.meta, "values": storable(ending.values)}
        due = Delivery(id=id, run_id=run.id, url=url, payload=payload, next_at=now, created_at=now)
        open_delivery(session, due)
        tell(session, Notice("deliveries", "due"))

    def _asked(self, run: Run, question: Any) -> Review:
        return review_for(run, question, id=self._engine.new_id(), now=self._engine.clock())

    def _of(self, run: Run) -> Memory:
        return Memory(self._engine.memory.database, run.tenant_id)
