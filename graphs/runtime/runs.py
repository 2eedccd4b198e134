"""The service of runs: start, look, listen, cancel. Whoever delivers (API, page, schedule) calls this."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from memory import audit, reviews, runs, threads
from memory.db import TenantSession
from memory.models import Cancel, Priority, Run, RunEvent, RunStatus, Thread, ThreadStatus, Trigger
from memory.rows import change, insert

from .engine import Engine
from .errors import Conflict, NotFound
from .leaving import Left, leave
from .options import Options
from .rollback import rollback
from .worker import Slot, Worker

ENDED = frozenset({"waiting", "done", "failed", "cancelled", "dead"})
# A node that is asked to stop does so at its next await; a caller is not kept longer than this.
CANCEL_S = 10.0

_PRIORITIES = {
    Trigger.SCHEDULE: Priority.SCHEDULE,
    Trigger.RUN: Priority.RUN,
    Trigger.WEBHOOK: Priority.RUN,
}


@dataclass(frozen=True)
class Request:
    """What to run. The same key never runs twice; without a thread the run gets one of its own.

    options.multitask says what becomes of a thread's active run: reject this one, enqueue it behind, or
    interrupt the other or roll it back and then run this one.
    """

    graph: str
    input: dict[str, Any]
    trigger: Trigger
    actor: str
    key: str | None = None
    thread_id: str | None = None
    parent_id: str | None = None
    assistant_id: str | None = None
    options: Options = field(default_factory=Options)
    meta: dict[str, Any] = field(default_factory=dict)
    resume: dict[str, Any] | None = None
    priority: int | None = None
    not_before: datetime | None = None
    queue: str = "default"


@dataclass(frozen=True)
class Event:
    """`status` {status, error, reviews?} or `node` {node}. number: of the last node that was told."""

    number: int
    type: str
    data: dict[str, Any]


class RunService:
    """Every run passes here, so that each is on disk before anybody hears of it."""

    def __init__(
        self, engine: Engine, worker: Worker, providers: Callable[[str], str | None] = lambda graph: None
    ) -> None:
        self._engine = engine
        self._worker = worker
        self._providers = providers
        self.memory = engine.memory
        self.new_id = engine.new_id

    async def start(self, request: Request) -> tuple[Run, bool]:
        """The run, and whether it is new: a used key answers with the run that used it.

        Errors: NotFound for an unknown graph; Conflict when the thread has an active run.
        """
        if request.graph not in self._engine.graphs:
            raise NotFound.of("graph", request.graph)
        with self._worker.slot() as slot:
            try:
                run, new = await self.memory.write(self._add, request, slot)
            except IntegrityError as error:
                found = await self._of_key(request.key)
                if found is None:
                    raise _busy(request.thread_id) from error
                run, new = found, False
            except threads.ThreadTaken as error:
                raise Conflict(str(error)) from error
            if new:
                self._worker.submit(run)
        return run, new

    async def _of_key(self, key: str | None) -> Run | None:
        return await self.memory.read(runs.by_key, key) if key else None

    async def get(self, run_id: str) -> Run:
        return await self.memory.read(_existing, run_id)

    async def page(self, **filters: Any) -> Sequence[Run]:
        """See memory.runs.page."""
        return await self.memory.read(runs.page, **filters)

    async def cancel(self, run_id: str, actor: str, how: Cancel = Cancel.INTERRUPT) -> Run:
        """Stop the run and withdraw its open review; a rollback also takes its thread back to before it.

        Errors: NotFound; Conflict when it has ended.
        """
        with self._engine.events.listen(runs.topic(run_id)) as listener:
            if await self.memory.write(self._cancel, run_id, actor, how):
                with suppress(TimeoutError):
                    async with asyncio.timeout(CANCEL_S):
                        while (await self.get(run_id)).status in runs.ACTIVE:
                            await listener.next()
            elif how is Cancel.ROLLBACK:
                run = await self.get(run_id)
                await rollback(self._engine.saver, run.thread_id, run.id)
        return await self.get(run_id)

    async def requeue(self, run_id: str, actor: str) -> Run:
        """Let a dead or failed run go on. Errors: NotFound; Conflict when it is neither."""
        await self.memory.write(self._requeue, run_id, actor)
        return await self.get(run_id)

    async def events(self, run_id: str, after: int = 0) -> AsyncIterator[Event]:
        """The run's status now and those that follow, until it waits or has ended, and its nodes as they end.

        Nodes that have ended already are told too, those that follow event number `after`.
        """
        with self._engine.events.listen(runs.topic(run_id)) as listener:
            status, nodes = await self._standing(run_id, after)
            if status["status"] not in ENDED:
                yield Event(after, "status", status)
            while True:
                for node in nodes:
                    after = node.seq
                    yield Event(after, node.event, json.loads(node.data))
                if status["status"] in ENDED:
                    yield Event(after, "status", status)
                    return
                heard = await listener.next()
                nodes = await self.memory.read(_nodes, run_id, after) if heard.type == "frame" else ()
                if heard.type == "status":
                    status = heard.data
                    if status["status"] not in ENDED:
                        yield Event(after, "status", status)

    async def frames(self, run_id: str, after: int = 0) -> AsyncIterator[RunEvent]:
        """The frames of a streamed run that follow number `after`, those to come as they come, to its end."""
        with self._engine.events.listen(runs.topic(run_id)) as listener:
            while True:
                ended = (await self.get(run_id)).status in ENDED
                while batch := await self.memory.read(runs.frames, run_id, after):
                    for frame in batch:
                        yield frame
                    after = batch[-1].seq
                if ended:
                    return
                await listener.next()

    async def over(self, run_id: str) -> None:
        """Return once the run waits for a person or has ended."""
        with self._engine.events.listen(runs.topic(run_id)) as listener:
            standing = (await self._standing(run_id))[0]
            while standing.get("status") not in ENDED:
                standing = (await listener.next()).data

    async def wait(self, run_id: str) -> Run:
        """The run, once it waits for a person or has ended."""
        await self.over(run_id)
        return await self.get(run_id)

    async def _standing(self, run_id: str, after: int = 0) -> tuple[dict[str, Any], Sequence[RunEvent]]:
        """{status, error, reviews?}, and the nodes that follow number `after`."""
        if not after and self._worker.executes(run_id, self.memory.tenant):
            # Its nodes are told together with the next one.
            return {"status": RunStatus.RUNNING, "error": None}, ()
        return await self.memory.read(_stands, run_id, after)

    def _add(self, session: TenantSession, request: Request, slot: Slot) -> tuple[Run, bool]:
        if request.key and (found := runs.by_key(session, request.key)):
            return found, False
        run = self._made(request)
        # A delayed or enqueued run is not claimed here: `admit` is for what can start at once.
        if self._enter_thread(session, run, request):
            slot.admit(run)
        runs.add(session, run)
        self._note(session, request.actor, "run.start", run, {"graph": run.graph, "trigger": run.trigger})
        return run, True

    def _made(self, request: Request) -> Run:
        id, priority = self.new_id(), _PRIORITIES.get(request.trigger, Priority.PERSON)
        return Run(
            id=id,
            thread_id=request.thread_id or id,
            graph=request.graph,
            assistant_id=request.assistant_id,
            key=request.key,
            trigger=request.trigger,
            parent_id=request.parent_id,
            input=request.input,
            resume=request.resume,
            options=request.options.stored(),
            meta=request.meta,
            queue=request.queue,
            priority=priority if request.priority is None else request.priority,
            provider=self._providers(request.graph),
            not_before=request.not_before,
            created_at=self._engine.clock(),
        )

    def _enter_thread(self, session: TenantSession, run: Run, request: Request) -> bool:
        """Make the run its thread's; whether the thread is free, so that it may start at once.

        Errors: Conflict when the thread has an active run and this one is not to wait for it.
        """
        now = run.created_at
        if request.thread_id is None:
            insert(session, _thread(run))
            return True
        thread = threads.ensure(session, run.thread_id, run.graph, now)
        if active := runs.is_active_on(session, run.thread_id):
            self._displace(session, runs.active_on(session, run.thread_id), request)
        elif thread.status == ThreadStatus.INTERRUPTED:
            self._go_on(session, thread, request)
        change(
            session,
            Thread,
            {"id": run.thread_id},
            {"status": ThreadStatus.BUSY, "graph": run.graph, "updated_at": now},
        )
        return not active

    def _displace(self, session: TenantSession, active: Sequence[Run], request: Request) -> None:
        how = request.options.multitask
        if how == "reject":
            raise _busy(request.thread_id)
        if how == "enqueue":
            return
        for run in active:
            self._stop(session, run, request.actor, Cancel(how))

    def _go_on(self, session: TenantSession, thread: Thread, request: Request) -> None:
        """End what waited: answered, or with a question that a new input leaves unanswered for ever."""
        if request.resume is None:
            reviews.withdraw(session, thread.id, self._engine.clock())
        unanswered = thread.interrupts and request.resume is None
        ended = RunStatus.CANCELLED if unanswered else RunStatus.DONE
        runs.end_waiting(session, thread.id, ended, self._engine.clock())

    def _cancel(self, session: TenantSession, run_id: str, actor: str, how: Cancel) -> bool:
        """Whether a worker is asked to stop it; else it has stopped."""
        run = _existing(session, run_id)
        if run.status not in runs.OPEN:
            raise Conflict(f"run {run_id!r} has ended already: {run.status}")
        return self._stop(session, run, actor, how)

    def _stop(self, session: TenantSession, run: Run, actor: str, how: Cancel) -> bool:
        now = self._engine.clock()
        self._note(session, actor, "run.cancel", run, {"was": run.status, "how": how})
        if runs.ask_to_cancel(session, run.id, how):
            return True
        if how is Cancel.ROLLBACK and run.attempts and runs.take_back(session, run.id):
            return True
        runs.settle(session, run.id, (RunStatus.QUEUED, RunStatus.WAITING), RunStatus.CANCELLED, now)
        reviews.withdraw(session, run.thread_id, now)
        left = Left(RunStatus.CANCELLED, taken_back=how is Cancel.ROLLBACK)
        leave(self._engine, session, run, left)
        return False

    def _requeue(self, session: TenantSession, run_id: str, actor: str) -> None:
        run = _existing(session, run_id)
        if any(active.id != run_id for active in runs.active_on(session, run.thread_id)):
            raise _busy(run.thread_id)
        if not runs.requeue(session, run_id):
            raise Conflict(f"run {run_id!r} is {run.status}: only a dead or failed one is queued again")
        busy = {"status": ThreadStatus.BUSY, "updated_at": self._engine.clock()}
        change(session, Thread, {"id": run.thread_id}, busy)
        self._note(session, actor, "run.requeue", run, {"was": run.status})

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


def _thread(run: Run) -> Thread:
    return Thread(
        id=run.thread_id,
        graph=run.graph,
        status=ThreadStatus.BUSY,
        last_run_id=None,
        created_at=run.created_at,
        updated_at=run.created_at,
    )


def _busy(thread_id: str | None) -> Conflict:
    return Conflict(f"thread {thread_id!r} has an active run: wait for it or cancel it")


def _existing(session: TenantSession, run_id: str) -> Run:
    if (run := runs.get(session, run_id)) is None:
        raise NotFound.of("run", run_id)
    return run


def _stands(session: TenantSession, run_id: str, after: int) -> tuple[dict[str, Any], Sequence[RunEvent]]:
    run = _existing(session, run_id)
    status: dict[str, Any] = {"status": run.status, "error": run.error}
    if run.status == RunStatus.WAITING:
        status["reviews"] = reviews.pending_of(session, run_id)
    return status, _nodes(session, run_id, after)


def _nodes(session: TenantSession, run_id: str, after: int) -> Sequence[RunEvent]:
    return runs.frames(session, run_id, after, only=runs.NODE, limit=None)
