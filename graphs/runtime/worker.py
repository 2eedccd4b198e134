"""A worker: claims queued runs, drives their graphs, takes over what a dead one left.

It works as a member of the cluster. When it loses that place, it stops all it runs before others may take
it over, and comes back as another member. See docs/decisions/0006-queue.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
from collections.abc import Callable, Collection, Coroutine, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError

from memory import runs
from memory.cluster import Cluster, application_name, join, notify
from memory.db import LeaseLost, Telling
from memory.models import Run, RunStatus
from memory.notices import Notice

from .endings import Endings
from .engine import Engine
from .execution import Ending, Execution

log = structlog.get_logger()

REAP_S = 1.0
REJOIN_S = 1.0
# What a worker exits with that can neither hold its place nor stop what it runs (BSD's EX_SOFTWARE).
EXIT_FENCED = 70
_DATABASE = (DBAPIError, psycopg.Error)


@dataclass
class Slot:
    """Where one new run may begin, if its worker's name stands here."""

    member: str | None
    queues: Collection[str]
    admitted: str | None = None

    @property
    def is_free(self) -> bool:
        return self.member is not None

    def admit(self, run: Run) -> Run:
        """The new run, not yet stored, already claimed if it can begin here."""
        if self.is_free and run.not_before is None and run.queue in self.queues:
            claimed = {"owner": self.member, "attempts": 1, "started_at": run.created_at}
            run.sqlmodel_update({"status": RunStatus.RUNNING, **claimed})
            self.admitted = run.id
        return run


class Worker:
    """Runs up to `limits.concurrency` runs at once; with 0 it only listens, and takes over for others."""

    def __init__(
        self,
        engine: Engine,
        *,
        new_member: Callable[[], str],
        wall_clock: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._new_member = new_member
        self._wall_clock = wall_clock
        self._monotonic = monotonic
        self._memory = engine.memory
        self._limits = engine.limits
        self._beat_s = min(1.0, engine.limits.lease_s / 4)
        self._endings = Endings(engine)
        self._cluster: Cluster | None = None
        self._driving: dict[str, asyncio.Task[None]] = {}
        self._kept = 0
        # Whether something may wait in the queue that found no free slot here.
        self._left_out = False
        self._executing: dict[str, str] = {}
        self._undriven: set[tuple[str, int]] = set()
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._joined = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        self._telling_tasks: set[asyncio.Task[None]] = set()

    @property
    def member(self) -> str | None:
        return self._cluster.member if self._cluster else None

    def holds(self) -> bool:
        """Whether what this worker runs is its own; false at once when it was stopped for too long."""
        return self._cluster is not None and self._cluster.holds()

    async def start(self) -> None:
        """Join the cluster and begin to work. Errors: what joining raises."""
        self._serving = asyncio.create_task(self._serve(), context=contextvars.Context())
        joined = asyncio.create_task(self._joined.wait())
        await asyncio.wait((joined, self._serving), return_when=asyncio.FIRST_COMPLETED)
        joined.cancel()
        if self._serving.done():
            self._serving.result()

    @contextlib.contextmanager
    def slot(self) -> Iterator[Slot]:
        """A slot kept for the run that is stored in this block, so that it may begin at once: that saves a
        transaction. A slot that is free means that nothing that could be claimed waits."""
        slot = Slot(self.member if self._has_place() else None, self._limits.queues)
        self._kept += slot.is_free
        self._left_out |= not slot.is_free
        try:
            yield slot
        finally:
            self._kept -= slot.is_free
            if slot.is_free and slot.admitted not in self._driving:
                self._fill()

    def submit(self, run: Run) -> None:
        """Begin the committed run that its slot admitted."""
        if run.status == RunStatus.RUNNING and run.owner == self.member:
            self._begin(run)

    def executes(self, run_id: str, tenant: str) -> bool:
        """Whether it is the tenant's run and a notice of its end is still to come: whoever listens now will
        hear it.

        No longer while the end is stored: it may have been told already.
        """
        return self._executing.get(run_id) == tenant

    async def close(self, grace_s: float) -> None:
        """Take nothing new, let runs end for `grace_s` seconds, give the others back to the queue."""
        self._closing.set()
        self._wake.set()
        if self._driving:
            await asyncio.wait(self._driving.values(), timeout=grace_s)
        await self._stop_all()
        if self._serving is not None:
            await self._serving

    async def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                await self._be_member()
            except (OSError, *_DATABASE) as error:
                if not self._joined.is_set():
                    raise
                log.error("no place in the cluster", error=str(error))
                await _within(REJOIN_S, self._closing)

    async def _be_member(self) -> None:
        member = self._new_member()
        membership = join(
            self._memory.database,
            member,
            self._hear,
            lease_s=self._limits.lease_s,
            beat_s=self._beat_s,
            clock=self._wall_clock,
            monotonic=self._monotonic,
        )
        async with membership as cluster:
            self._cluster = cluster
            # Whoever takes this one for dead also ends what a connection of it still does.
            self._memory.database.call_itself(application_name(member))
            await self._engine.saver.call_itself(application_name(member))
            self._memory.database.telling = self._telling(cluster)
            self._joined.set()
            helpers = [asyncio.create_task(work()) for work in (self._claim_all, self._reap_all)]
            try:
                await _first(cluster.lost, self._closing)
            finally:
                # First: what is given back now must not be claimed again by one that has no place.
                for task in helpers:
                    task.cancel()
                await asyncio.gather(*helpers, return_exceptions=True)
                if cluster.lost.is_set():
                    log.error("place in the cluster lost: its runs go on elsewhere", member=member)
                    await self._stop_all()
                await self._drained()
                self._cluster = None

    async def _drained(self) -> None:
        if self._driving:
            await asyncio.wait(self._driving.values())

    def _telling(self, cluster: Cluster) -> Telling:
        """How the notices of a transaction reach this process and the others."""
        if not self._memory.database.is_sqlite:
            # The server tells the others when it commits.
            return Telling(lambda connection, told: notify(connection, cluster.member, told), self._committed)

        def committed(notices: Sequence[Notice]) -> None:
            self._committed(notices)
            self._send(cluster.tell(notices))

        return Telling(committed=committed)

    def _send(self, telling: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(telling)
        self._telling_tasks.add(task)
        task.add_done_callback(self._telling_tasks.discard)

    def _committed(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            self._hear(notice)

    def _hear(self, notice: Notice) -> None:
        """A notice of this process or of another: also a run to claim, a run to stop."""
        self._engine.events.publish(notice)
        if notice.topic == runs.QUEUE.topic:
            if not self._is_for_later(notice):
                self._wake.set()
        elif notice.type == "cancel" and (task := self._driving.get(notice.topic.removeprefix("run/"))):
            task.cancel()

    def _is_for_later(self, notice: Notice) -> bool:
        """Whether the queue is looked at anyhow before the run may begin."""
        wait = datetime.fromisoformat(notice.data["at"]) - self._engine.clock() if notice.data else None
        return wait is not None and wait.total_seconds() > self._limits.poll_s

    async def _claim_all(self) -> None:
        while not self._closing.is_set():
            self._wake.clear()
            due = None
            try:
                due = await self._claim()
            except _DATABASE as error:
                log.error("nothing can be claimed", error=str(error))
            await _within(due if due is not None else self._limits.poll_s, self._wake)

    async def _claim(self) -> float | None:
        """Fill the free slots; seconds until a delayed run is due, if that is sooner than the poll."""
        limits, engine = self._limits, self._engine
        while (free := self._free()) > 0:
            assert self.member is not None
            taken = await replace(self._memory, hasty=True).write(
                runs.claim, self.member, limits.queues, free, limits.caps, engine.clock()
            )
            for run in taken:
                self._begin(run)
            if not taken or (len(taken) < free and not limits.caps):
                break
        self._left_out = free <= 0
        if self._left_out:
            return None
        due = await self._memory.read(runs.next_due, limits.queues, engine.clock())
        return min(max((due - engine.clock()).total_seconds(), 0.001), limits.poll_s) if due else None

    def _fill(self) -> None:
        """A slot is free again: look for work, unless all there was has found its slot."""
        if self._left_out or self._limits.caps:
            self._wake.set()

    def _has_place(self) -> bool:
        free = self._free() > 0 and not self._closing.is_set()
        return free and not self._limits.caps and self.holds()

    def _free(self) -> int:
        return self._limits.concurrency - len(self._driving) - self._kept

    def _begin(self, run: Run) -> None:
        # A run is driven outside of its starter's context: what it starts are runs of their own.
        task = asyncio.create_task(self._drive(run), context=contextvars.Context())
        self._driving[run.id] = task
        if run.cancel is None:
            self._executing[run.id] = run.tenant_id
        task.add_done_callback(partial(self._ended, run.id))

    def _ended(self, run_id: str, task: asyncio.Task[None]) -> None:
        if self._driving.get(run_id) is task:
            del self._driving[run_id]
            self._executing.pop(run_id, None)
        self._fill()
        if not task.cancelled() and (error := task.exception()):
            log.error("end of run not stored: it is taken up again", run_id=run_id, exc_info=error)

    async def _drive(self, run: Run) -> None:
        self._engine.events.publish(Notice(runs.topic(run.id), "status", {"status": RunStatus.RUNNING}))
        try:
            if run.cancel is None:
                await self._endings.store(run, await self._executed(run))
            else:
                await self._endings.stopped(run)
        except asyncio.CancelledError:
            await self._endings.stopped(run)
        except LeaseLost as error:
            log.warning("run goes on elsewhere", run_id=run.id, reason=str(error))

    async def _executed(self, run: Run) -> Ending:
        try:
            return await Execution(self._engine, run).ending()
        finally:
            self._executing.pop(run.id, None)

    async def _stop_all(self) -> None:
        """End what runs here. A node that cannot be stopped in time would go on beside its successor, which
        takes its run over two beats after the place is lost."""
        tasks = list(self._driving.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=self._beat_s)
            if self._executing and self._cluster is not None and self._cluster.lost.is_set():
                os._exit(EXIT_FENCED)
            await asyncio.wait(tasks, timeout=self._limits.lease_s)

    async def _reap_all(self) -> None:
        while not self._closing.is_set():
            try:
                await self._reap()
            except _DATABASE as error:
                log.error("dead workers cannot be looked for", error=str(error))
            await _within(REAP_S, self._closing)

    async def _reap(self) -> None:
        """Queue again what dead workers ran, and what of this one's nobody drives any more."""
        assert self._cluster is not None
        owners = await self._memory.read(runs.owners)
        for dead in await self._cluster.dead(owners - {self._cluster.member}):
            await self._endings.take_over(dead)
        member = self._cluster.member
        held = await self._memory.read(runs.held_by, member) if member in owners else set()
        undriven = {claim for claim in held if claim[0] not in self._driving}
        # A claim is stored a moment before it is driven: lost is what was so a beat ago already.
        lost, self._undriven = undriven & self._undriven, undriven
        await self._endings.take_up(member, {run_id for run_id, _ in lost})


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Until the event, but no longer than so many seconds."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def _first(*events: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
