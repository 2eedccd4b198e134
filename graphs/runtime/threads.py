"""The service of threads: make, find, describe, copy, thin and delete them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from langgraph.types import StateUpdate

from memory import threads
from memory.checkpoints import Checkpoints
from memory.db import TenantSession
from memory.models import Thread
from memory.threads import Filter, Sort, Standing

from . import states
from .errors import BadRequest, Conflict, NotFound
from .states import Place
from .thread_states import (
    Host,
    ThreadStates,
    check_free,
    existing,
    graph_of,
    locked,
    note,
    standing_of,
    withdraw,
)


@dataclass(frozen=True)
class NewThread:
    """supersteps: updates that make its first state, as those of another server's history.

    `graph_id` in the metadata names its graph, else its first run does.
    """

    id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    ttl_s: int | None = None
    supersteps: Sequence[Sequence[StateUpdate]] = ()


class ThreadService:
    def __init__(self, engine: Host) -> None:
        self._engine = engine
        self._memory = engine.memory
        self._checkpoints = Checkpoints(engine.saver)
        self.states = ThreadStates(engine)

    async def create(self, new: NewThread, actor: str, *, exist_ok: bool = False) -> Standing:
        """Errors: Conflict when the id is taken; NotFound for an unknown graph; BadRequest."""
        graph = new.metadata.get("graph_id")
        if graph is not None:
            graph_of(self._engine, str(graph))
        elif new.supersteps:
            raise BadRequest("supersteps need the metadata graph_id: it says whose states they are")
        now, id = self._engine.clock(), new.id or self._engine.new_id()
        told: dict[str, Any] = {"graph": graph, "meta": dict(new.metadata), "ttl_s": new.ttl_s}
        thread = Thread(id=id, **told, created_at=now, updated_at=now)
        made = await self._memory.write(self._add, thread, actor, {"graph": graph}, exist_ok=exist_ok)
        if made and not new.supersteps:
            return Standing(thread, {})
        if made:
            await self._replay(thread, new.supersteps)
        return await self.get(id)

    async def get(self, thread_id: str) -> Standing:
        return await self.states.whole(await self._memory.read(_standing, thread_id))

    async def search(
        self, filter: Filter, *, sort: Sort, descending: bool, limit: int, offset: int
    ) -> tuple[list[Standing], int]:
        """One page, and how many there are on all pages."""
        order = {"sort": sort, "descending": descending}
        found, total = await self._memory.read(_page, filter, order, limit, offset)
        return [await self.states.whole(one) for one in found], total

    async def count(self, filter: Filter) -> int:
        return await self._memory.read(threads.count, filter)

    async def describe(
        self, thread_id: str, metadata: Mapping[str, Any], *, ttl_s: int | None = None
    ) -> Standing:
        """Add to the metadata; without `ttl_s` the time to live stays."""
        await self._memory.write(self._describe, thread_id, metadata, ttl_s)
        return await self.get(thread_id)

    async def delete(self, thread_id: str, actor: str) -> None:
        """The thread and its state; its runs and the audit trail stay. Errors: NotFound; Conflict: busy.

        First its questions, then its state, then the thread: whoever is stopped half-way begins again.
        """
        await self._memory.write(self._silence, thread_id)
        await self._checkpoints.delete(thread_id)
        await self._memory.write(self._remove, thread_id, actor)

    async def copy(self, thread_id: str, actor: str) -> Standing:
        """A new thread with the same state, history and metadata; nobody is asked its questions again."""
        source = await self._memory.read(existing, thread_id)
        now, id = self._engine.clock(), self._engine.new_id()
        await self._checkpoints.copy(thread_id, id)
        stands = standing_of(await self.states.of(source, Place(id)))
        made = {"id": id, "created_at": now, "updated_at": now, **stands}
        copied = Thread(**{**source.model_dump(), **made})
        await self._memory.write(self._add, copied, actor, {"copy_of": thread_id})
        return await self.get(id)

    async def prune(self, thread_ids: Sequence[str], actor: str, *, keep_latest: bool) -> int:
        """How many threads were thinned to their newest state, or deleted. Unknown ones are passed over.

        Errors: Conflict when one of them is busy; then nothing was changed.
        """
        known = await self._memory.read(_idle, thread_ids)
        for thread_id in known:
            if keep_latest:
                await self._checkpoints.prune([thread_id])
                await self._memory.write(self._pruned, thread_id, actor)
            else:
                await self.delete(thread_id, actor)
        return len(known)

    async def delete_of(self, assistant_id: str, actor: str) -> None:
        """The threads that the assistant has run on. Errors: Conflict when one of them is busy."""
        found = await self._memory.read(threads.of_assistant, assistant_id)
        await self.prune(found, actor, keep_latest=False)

    async def expire(self) -> int:
        """Delete what has outlived its time; how many threads those were."""
        outlived = await self._memory.read(threads.expired, self._engine.clock())
        for thread_id in outlived:
            # Another process may have deleted it, or somebody uses it again.
            with suppress(NotFound, Conflict):
                await self.delete(thread_id, "system")
        return len(outlived)

    async def _replay(self, thread: Thread, supersteps: Sequence[Sequence[StateUpdate]]) -> None:
        assert thread.graph is not None
        try:
            await states.replay(graph_of(self._engine, thread.graph), thread.id, supersteps)
        except BadRequest:
            await self._checkpoints.delete(thread.id)
            await self._memory.write(threads.remove, thread.id)
            raise
        stands = standing_of(await self.states.of(thread, Place(thread.id)))
        await self._memory.write(threads.change, thread.id, **stands)

    def _add(
        self,
        session: TenantSession,
        thread: Thread,
        actor: str,
        detail: dict[str, Any],
        *,
        exist_ok: bool = False,
    ) -> bool:
        """Whether it is new."""
        if threads.add(session, thread):
            action = "thread.copy" if "copy_of" in detail else "thread.create"
            note(self._engine, session, actor, action, thread.id, detail)
            return True
        if exist_ok and threads.get(session, thread.id):
            return False
        raise Conflict(f"there is a thread {thread.id!r} already: take another id, or if_exists=do_nothing")

    def _describe(
        self, session: TenantSession, thread_id: str, metadata: Mapping[str, Any], ttl_s: int | None
    ) -> None:
        thread = locked(session, thread_id)
        lives = thread.ttl_s if ttl_s is None else ttl_s
        described = {"meta": {**thread.meta, **metadata}, "ttl_s": lives}
        threads.change(session, thread_id, **described, updated_at=self._engine.clock())

    def _silence(self, session: TenantSession, thread_id: str) -> None:
        locked(session, thread_id)
        check_free(session, thread_id)
        withdraw(self._engine, session, thread_id)

    def _remove(self, session: TenantSession, thread_id: str, actor: str) -> None:
        thread = locked(session, thread_id)
        check_free(session, thread_id)
        threads.remove(session, thread_id)
        note(self._engine, session, actor, "thread.delete", thread_id, {"graph": thread.graph})

    def _pruned(self, session: TenantSession, thread_id: str, actor: str) -> None:
        threads.change(session, thread_id, pruned_at=self._engine.clock())
        note(self._engine, session, actor, "thread.prune", thread_id, {})


def _standing(session: TenantSession, thread_id: str) -> Standing:
    if (found := threads.standing(session, thread_id)) is None:
        raise NotFound.of("thread", thread_id)
    return found


def _page(
    session: TenantSession, filter: Filter, order: dict[str, Any], limit: int, offset: int
) -> tuple[list[Standing], int]:
    found = threads.search(session, filter, **order, limit=limit, offset=offset)
    return found, threads.count(session, filter)


def _idle(session: TenantSession, thread_ids: Sequence[str]) -> list[str]:
    """Those of the ids that are threads, each once, none of them busy."""
    known = [id for id in dict.fromkeys(thread_ids) if threads.get(session, id)]
    for thread_id in known:
        check_free(session, thread_id)
    return known
