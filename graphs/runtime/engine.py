"""Runs graphs so that a kill at any instruction loses nothing: DBOS under LangGraph's checkpoints.

A run is a row of ours, a DBOS workflow, and a thread in the checkpointer. The row is committed before
anybody is told of the run; the workflow brings it back after a crash; the checkpoint says where to go on.
A run starts at once in this process, for a queue that is polled adds half its interval to every start,
and waits for a free slot by event. See docs/decisions/0002-engine.md.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import structlog
from dbos import DBOS, SetWorkflowID
from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, Interrupt

from agents.context import Context
from memory import reviews, runs
from memory.db import Memory, TenantSession
from memory.models import Review, Run, RunStatus

from .events import Event, Events
from .questions import review_for

log = structlog.get_logger()

Graph = CompiledStateGraph[Any, Context, Any, Any]
# A scout run visits `extract` once a batch, so its steps grow with the news of the day.
RECURSION_LIMIT = 10_000


@dataclass(frozen=True)
class Ending:
    """How an execution stopped: at the graph's end, at a question to a person, or on an error."""

    status: RunStatus
    values: dict[str, Any] = field(default_factory=dict)
    questions: tuple[Interrupt, ...] = ()
    error: str | None = None

    def told(self, asked: Sequence[Review]) -> dict[str, Any]:
        """What listeners hear: the status, and the reviews that a waiting run waits for."""
        event = {"status": self.status, "error": self.error}
        return {**event, "reviews": [review.id for review in asked]} if asked else event


@dataclass
class Engine:
    """Executes runs in this process. Whoever holds the data folder's lock has the only engine on it."""

    memory: Memory
    graphs: Mapping[str, Graph]
    context: Context
    events: Events
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    executor_id: str
    concurrency: int = 16
    max_attempts: int = 5

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.concurrency)
        self._admitted: dict[str, Run] = {}
        self._live: set[str] = set()
        self._driving: dict[str, asyncio.Task[None]] = {}

    async def launch(self) -> None:
        """Start DBOS in our database and bring back what a dead process left behind."""
        DBOS(
            config={
                "name": "artel",
                "system_database_url": self.memory.database.url,
                "executor_id": self.executor_id,
                # A constant: a version that changed would strand the runs that the older build left.
                "application_version": "1",
                "log_level": "CRITICAL",
            }
        )
        self._workflow = _workflow(self._execute)
        # On the loop's own thread: DBOS then runs recovered workflows on this loop too.
        DBOS.launch()
        await self._recover()

    def admit(self, run: Run) -> Run:
        """The new run, not yet stored, already claimed if a slot is free: that saves a transaction."""
        if not self._slots.locked():
            run.sqlmodel_update(
                {
                    "status": RunStatus.RUNNING,
                    "owner": self.executor_id,
                    "attempts": 1,
                    "started_at": run.created_at,
                }
            )
        return run

    async def submit(self, run: Run) -> None:
        """Execute the committed run. A repeat for the same attempt does nothing."""
        if run.owner == self.executor_id:
            self._admitted[run.id] = run
            self._live.add(run.id)
        name = run.id if run.owner in (None, self.executor_id) else f"{run.id}#{run.attempts}"
        await _apart(self._start(name, run.id))

    def executes(self, run_id: str) -> bool:
        """Whether an event of the run's end is still to come: whoever listens now will hear it."""
        return run_id in self._live

    async def stop(self, run_id: str) -> None:
        """End this process's execution of the run, if it has one, and wait until it has ended."""
        self._admitted.pop(run_id, None)
        self._live.discard(run_id)
        if task := self._driving.get(run_id):
            task.cancel()
            await asyncio.wait([task])

    async def close(self, grace_s: float = 5.0) -> None:
        """Let runs end for `grace_s` seconds; what is still running goes on at the next start."""
        if self._driving:
            await asyncio.wait(self._driving.values(), timeout=grace_s)
        for task in self._driving.values():
            task.cancel()
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)

    async def _start(self, name: str, run_id: str) -> None:
        with SetWorkflowID(name):
            await DBOS.start_workflow_async(self._workflow, run_id)

    async def _recover(self) -> None:
        """Every owner but us is dead, for we hold the lock: take over all that had not ended."""
        pending = await DBOS.list_workflows_async(status=["PENDING", "ENQUEUED"])
        known = {workflow.workflow_id.split("#")[0]: workflow.workflow_id for workflow in pending}
        unfinished = await self.memory.read(runs.active)
        if resumable := [known[run.id] for run in unfinished if run.id in known]:
            await DBOS.resume_workflows_async(resumable)
        for run in unfinished:
            if run.id not in known:
                await self.submit(run)

    async def _execute(self, run_id: str) -> None:
        # The graph is driven outside of DBOS's context: what it starts are runs of their own, not steps.
        async with self._slots:
            task = asyncio.create_task(self._drive(run_id), context=contextvars.Context())
            self._driving[run_id] = task
            try:
                await asyncio.wait([task])
            finally:
                del self._driving[run_id]
        if not task.cancelled():
            task.result()

    async def _drive(self, run_id: str) -> None:
        run = self._admitted.pop(run_id, None) or await self.memory.write(
            runs.claim, run_id, self.executor_id, self.clock()
        )
        if run is None:
            return
        self.events.publish(Event(run.id, "status", {"status": RunStatus.RUNNING}))
        try:
            told = await self._end(run, await self._outcome(run))
        except Exception as error:
            log.exception("end of run not stored", run_id=run.id)
            told = {"status": RunStatus.FAILED, "error": f"not stored: {error}; goes on at the next start"}
        finally:
            self._live.discard(run.id)
        if told:
            self.events.publish(Event(run.id, "status", told))

    async def _end(self, run: Run, ending: Ending) -> dict[str, Any] | None:
        """Store how the run ended; what listeners hear of it, or nothing when the run was not ours to end."""
        asked = [review_for(run, it, id=self.new_id(), now=self.clock()) for it in ending.questions]
        ended = await self.memory.write(self._finish, run, ending, asked)
        return ending.told(asked) if ended else None

    async def _outcome(self, run: Run) -> Ending:
        if run.attempts > self.max_attempts:
            return Ending(RunStatus.FAILED, error=f"gave up: {self.max_attempts} processes died on this run")
        try:
            return await self._invoke(run)
        except Exception as error:
            log.exception("run failed", run_id=run.id, graph=run.graph)
            return Ending(RunStatus.FAILED, error=f"{type(error).__name__}: {error}")

    async def _invoke(self, run: Run) -> Ending:
        config: RunnableConfig = {
            "configurable": {"thread_id": run.thread_id},
            "metadata": {"run_id": run.id},
            "recursion_limit": RECURSION_LIMIT,
        }
        values, questions = await self._stream(run, config, await self._input(run, config))
        status = RunStatus.WAITING if questions else RunStatus.DONE
        return Ending(status, values, questions)

    async def _input(self, run: Run, config: RunnableConfig) -> Any:
        """A first attempt brings its input; a later one goes on where the checkpoint of this run stands."""
        if run.attempts > 1:
            state = await self.graphs[run.graph].aget_state(config)
            if (state.metadata or {}).get("run_id") == run.id:
                return None
        if run.resume is not None:
            return Command(resume=run.resume)
        return {**run.input, "run_id": run.id, "thread_id": run.thread_id}

    async def _stream(
        self, run: Run, config: RunnableConfig, input: Any
    ) -> tuple[dict[str, Any], tuple[Interrupt, ...]]:
        values: dict[str, Any] = {}
        questions: tuple[Interrupt, ...] = ()
        parts = self.graphs[run.graph].astream(
            input, config, context=self.context, stream_mode=["updates", "values"], durability="sync"
        )
        async for mode, part in cast(AsyncIterator[tuple[str, dict[str, Any]]], parts):
            if mode == "values":
                values = part
            elif "__interrupt__" in part:
                questions = part["__interrupt__"]
            else:
                self.events.publish(Event(run.id, "node", {"node": next(iter(part))}))
        return values, questions

    def _finish(self, session: TenantSession, run: Run, ending: Ending, asked: Sequence[Review]) -> bool:
        now, owner = self.clock(), self.executor_id
        result = {key: value for key, value in ending.values.items() if not key.startswith("__")}
        if not runs.finish(session, run.id, owner, ending.status, now=now, result=result, error=ending.error):
            return False
        for review in asked:
            reviews.open_review(session, review)
        return True


def _workflow(execute: Callable[[str], Awaitable[None]]) -> Callable[[str], Any]:
    async def run(run_id: str) -> None:
        await execute(run_id)

    return DBOS.workflow(name="run", max_recovery_attempts=None)(run)


async def _apart(work: Any) -> None:
    """Outside of the caller's DBOS workflow, if it is in one."""
    await asyncio.create_task(work, context=contextvars.Context())
