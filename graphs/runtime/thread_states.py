"""The states of threads as a service: looked at, and changed by hand when nothing runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from memory import audit, reviews, runs, threads
from memory.checkpoints import Saver
from memory.db import Memory, TenantSession
from memory.models import RunStatus, Thread, ThreadStatus
from memory.notices import Notice, tell
from memory.threads import Standing

from . import states
from .encoding import storable
from .engine import Graph
from .errors import BadRequest, Conflict, NotFound
from .states import Place, State, Values


class Host(Protocol):
    """What of the engine the services of threads and assistants use."""

    @property
    def memory(self) -> Memory: ...
    @property
    def graphs(self) -> Mapping[str, Graph]: ...
    @property
    def saver(self) -> Saver: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...
    @property
    def new_id(self) -> Callable[[], str]: ...


class ThreadStates:
    def __init__(self, engine: Host) -> None:
        self._engine = engine
        self._memory = engine.memory

    async def get(self, place: Place, *, subgraphs: bool = False) -> State:
        """Errors: NotFound: the thread, or the checkpoint."""
        thread = await self._memory.read(existing, place.thread_id)
        return await self.of(thread, place, subgraphs=subgraphs)

    async def history(
        self, place: Place, *, limit: int, before: str | None, metadata: Mapping[str, Any]
    ) -> list[State]:
        """The newest first, from `place` on and before the checkpoint `before`. Errors: NotFound."""
        thread = await self._memory.read(existing, place.thread_id)
        if thread.graph is None:
            return []
        graph = graph_of(self._engine, thread.graph)
        return await states.history(graph, place, limit=limit, before=before, metadata=metadata)

    async def update(self, place: Place, values: Values, actor: str, *, node: str | None = None) -> State:
        """The new checkpoint, as though `node` had said the values; open questions of before are withdrawn.

        Errors: NotFound; Conflict when the thread is busy; BadRequest.
        """
        thread = await self._memory.read(_free, place.thread_id)
        if thread.graph is None:
            raise BadRequest(f"thread {thread.id!r} has no graph yet: start a run on it first")
        changed = await states.update(graph_of(self._engine, thread.graph), place, values, node)
        state = await self.of(thread, Place(thread.id))
        await self._memory.write(self._updated, thread.id, state, actor, node)
        return changed

    async def of(self, thread: Thread, place: Place, *, subgraphs: bool = False) -> State:
        if thread.graph is not None:
            return await states.read(graph_of(self._engine, thread.graph), place, subgraphs=subgraphs)
        if place.checkpoint_id:
            raise NotFound.of("checkpoint", place.checkpoint_id)
        return states.empty(thread.id)

    async def whole(self, found: Standing) -> Standing:
        """With its values also where only the checkpoint tells them, as after a run that was cancelled.

        A thread whose graph is not served any more has none that we can read.
        """
        if found.values is not None:
            return found
        if found.thread.graph not in (None, *self._engine.graphs):
            return replace(found, values={})
        state = await self.of(found.thread, Place(found.thread.id))
        return replace(found, values=state["values"])

    def _updated(
        self, session: TenantSession, thread_id: str, state: State, actor: str, node: str | None
    ) -> None:
        thread = locked(session, thread_id)
        if not states.questions(state):
            withdraw(self._engine, session, thread_id)
        left = {"last_run_id": None, "meta": _named(session, thread), "updated_at": self._engine.clock()}
        threads.change(session, thread_id, **left, **standing_of(state))
        detail = {"as_node": node, "checkpoint_id": state["checkpoint"]["checkpoint_id"]}
        note(self._engine, session, actor, "thread.update_state", thread_id, detail)
        tell(session, Notice(runs.thread_topic(thread_id), "state"))


def standing_of(state: State) -> dict[str, Any]:
    """How a thread stands that was left in this state by no run."""
    status = ThreadStatus.INTERRUPTED if state["next"] else ThreadStatus.IDLE
    return {"status": status, "interrupts": states.questions(state), "values": storable(state["values"])}


def graph_of(engine: Host, name: str) -> Graph:
    if (graph := engine.graphs.get(name)) is None:
        raise NotFound.of("graph", name)
    return graph


def existing(session: TenantSession, thread_id: str) -> Thread:
    if (thread := threads.get(session, thread_id)) is None:
        raise NotFound.of("thread", thread_id)
    return thread


def locked(session: TenantSession, thread_id: str) -> Thread:
    """The thread, which nobody else changes until the transaction ends."""
    if (thread := threads.lock(session, thread_id)) is None:
        raise NotFound.of("thread", thread_id)
    return thread


def check_free(session: TenantSession, thread_id: str) -> None:
    """Errors: Conflict when a run has the thread or is queued for it."""
    if active := runs.active_on(session, thread_id):
        run = active[0]
        raise Conflict(f"thread {thread_id!r} is busy: run {run.id!r} is {run.status}, wait or cancel it")


def withdraw(engine: Host, session: TenantSession, thread_id: str) -> None:
    """Nobody is asked any more, and no run waits for an answer."""
    now = engine.clock()
    reviews.withdraw(session, thread_id, now)
    runs.end_waiting(session, thread_id, RunStatus.CANCELLED, now)


def note(
    engine: Host, session: TenantSession, actor: str, action: str, subject_id: str, detail: dict[str, Any]
) -> None:
    """Add to the audit trail what was done to a subject; `action` is `<subject's type>.<what>`."""
    audit.record(
        session,
        id=engine.new_id(),
        actor=actor,
        action=action,
        subject_type=action.partition(".")[0],
        subject_id=subject_id,
        detail=detail,
        now=engine.clock(),
    )


def _free(session: TenantSession, thread_id: str) -> Thread:
    thread = existing(session, thread_id)
    check_free(session, thread_id)
    return thread


def _named(session: TenantSession, thread: Thread) -> dict[str, Any]:
    """The metadata with the assistant of the last run, which is about to be forgotten."""
    standing = threads.standing(session, thread.id)
    known = standing.assistant_id if standing else None
    return {**thread.meta, "assistant_id": known} if known else thread.meta
