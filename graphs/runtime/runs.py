"""The service of runs: start, look, listen, cancel. Whoever delivers (API, page, schedule) calls this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from memory import audit, reviews, runs
from memory.db import TenantSession
from memory.models import Run, RunStatus, Trigger

from .engine import Engine
from .errors import Conflict, NotFound
from .events import Event

ENDED = frozenset({RunStatus.WAITING, RunStatus.DONE, RunStatus.FAILED, RunStatus.CANCELLED})


@dataclass(frozen=True)
class Request:
    """What to run. The same key never runs twice; without a thread the run gets one of its own."""

    graph: str
    input: dict[str, Any]
    trigger: Trigger
    actor: str
    key: str | None = None
    thread_id: str | None = None
    parent_id: str | None = None


class RunService:
    """Every run passes here, so that each is on disk before anybody hears of it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.memory = engine.memory
        self.new_id = engine.new_id

    async def start(self, request: Request) -> tuple[Run, bool]:
        """The run, and whether it is new: a used key answers with the run that used it.

        Errors: NotFound for an unknown graph; Conflict when the thread has an active run.
        """
        if request.graph not in self._engine.graphs:
            raise NotFound.of("graph", request.graph)
        try:
            run, new = await self.memory.write(self._add, request)
        except IntegrityError as error:
            raise Conflict(
                f"thread {request.thread_id!r} has an active run: wait for it or cancel it"
            ) from error
        if new:
            await self._engine.submit(run)
        return run, new

    async def get(self, run_id: str) -> Run:
        return await self.memory.read(_existing, run_id)

    async def page(self, **filters: Any) -> Sequence[Run]:
        """See memory.runs.page."""
        return await self.memory.read(runs.page, **filters)

    async def cancel(self, run_id: str, actor: str) -> Run:
        """Stop the run and withdraw its open review. Errors: NotFound; Conflict when it has ended."""
        await self.memory.write(self._cancel, run_id, actor)
        await self._engine.stop(run_id)
        self._engine.events.publish(Event(run_id, "status", {"status": RunStatus.CANCELLED}))
        return await self.get(run_id)

    async def events(self, run_id: str) -> AsyncIterator[Event]:
        """The run's status now and all that follows, until it waits or has ended."""
        with self._engine.events.listen(run_id) as listener:
            first = await self._standing(run_id)
            yield first
            if first.data["status"] in ENDED:
                return
            async for event in listener:
                yield event
                if event.data.get("status") in ENDED:
                    return

    async def _standing(self, run_id: str) -> Event:
        if self._engine.executes(run_id):
            return Event(run_id, "status", {"status": RunStatus.RUNNING, "error": None})
        return await self.memory.read(_status, run_id)

    async def wait(self, run_id: str) -> Run:
        """The run, once it waits for a person or has ended."""
        async for _ in self.events(run_id):
            pass
        return await self.get(run_id)

    def _add(self, session: TenantSession, request: Request) -> tuple[Run, bool]:
        if request.key and (found := runs.by_key(session, request.key)):
            return found, False
        now, id = self._engine.clock(), self._engine.new_id()
        run = Run(
            id=id,
            thread_id=request.thread_id or id,
            graph=request.graph,
            key=request.key,
            trigger=request.trigger,
            parent_id=request.parent_id,
            input=request.input,
            created_at=now,
        )
        runs.add(session, self._engine.admit(run))
        self._note(session, request.actor, "run.start", run, {"graph": run.graph, "trigger": run.trigger})
        return run, True

    def _cancel(self, session: TenantSession, run_id: str, actor: str) -> None:
        run, now = _existing(session, run_id), self._engine.clock()
        if not runs.settle(session, run_id, runs.OPEN, RunStatus.CANCELLED, now):
            raise Conflict(f"run {run_id!r} has ended already: {run.status}")
        reviews.withdraw(session, run.thread_id, now)
        self._note(session, actor, "run.cancel", run, {"was": run.status})

    def _note(
        self, session: TenantSession, actor: str, action: str, run: Run, detail: dict[str, Any]
    ) -> None:
        audit.record(
            session,
            id=self._engine.new_id(),
            actor=actor,
            action=action,
            subject_type="run",
            subject_id=run.id,
            detail=detail,
            now=self._engine.clock(),
        )


def _existing(session: TenantSession, run_id: str) -> Run:
    if (run := runs.get(session, run_id)) is None:
        raise NotFound.of("run", run_id)
    return run


def _status(session: TenantSession, run_id: str) -> Event:
    run = _existing(session, run_id)
    status: dict[str, Any] = {"status": run.status, "error": run.error}
    if run.status == RunStatus.WAITING:
        status["reviews"] = reviews.pending_of(session, run_id)
    return Event(run_id, "status", status)
