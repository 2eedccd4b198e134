"""One execution of a run: its graph is driven from where its thread stands to an end or a question."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, cast

import structlog
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, Interrupt

from agents.context import Context
from memory import runs
from memory.db import Fence, LeaseLost, Memory
from memory.models import Run, RunStatus

from .engine import Engine, Graph
from .frames import Frames, Rest
from .options import Options
from .retries import passes
from .saying import Messages, Part, modes_of, parts

log = structlog.get_logger()

# A scout run visits `extract` once a batch, so its steps grow with the news of the day.
RECURSION_LIMIT = 10_000
_OWN_MODES = ("values", "tasks")
# Told when a node has ended, before its checkpoint: kept by then, they are not lost with the process.
_TOLD_ONCE = ("updates", "tasks")


@dataclass(frozen=True)
class Asked:
    """A question, and the task of the graph that asks it."""

    task_id: str
    interrupt: Interrupt


@dataclass(frozen=True)
class Ending:
    """How an execution stopped: at the graph's end, at a question or a breakpoint, or on an error.

    passing: the error may be gone at another moment; rest: frames to store with the end.
    """

    status: RunStatus
    values: dict[str, Any] = field(default_factory=dict)
    questions: tuple[Asked, ...] = ()
    error: str | None = None
    passing: bool = False
    rest: Rest = field(default_factory=Rest)


class Execution:
    """Errors of a graph become an Ending; LeaseLost and a cancellation go through."""

    def __init__(self, engine: Engine, run: Run) -> None:
        assert run.owner is not None
        self._engine = engine
        self._run = run
        self._graph: Graph = engine.graphs[run.graph]
        self._options = Options.model_validate(run.options)
        self.memory = Memory(engine.memory.database, run.tenant_id, Fence(run.id, run.owner, run.attempts))
        self._frames = Frames(self.memory, run)
        self._messages = Messages()
        self._values: dict[str, Any] = {}
        self._questions: tuple[Asked, ...] = ()
        self._stands = False

    async def ending(self) -> Ending:
        try:
            ending = await self._driven()
            return replace(ending, rest=await self._frames.rest())
        except (asyncio.CancelledError, LeaseLost):
            self._frames.leave()
            raise

    async def _driven(self) -> Ending:
        try:
            async with asyncio.timeout(self._options.time_limit_s or self._engine.limits.run_s):
                await self._drive()
        except LeaseLost:
            raise
        except TimeoutError as error:
            return self._failed(error, "took longer than a node or a run may")
        except Exception as error:
            log.exception("run failed", run_id=self._run.id, graph=self._run.graph)
            return self._failed(error, str(error))
        status = RunStatus.WAITING if self._questions or self._stands else RunStatus.DONE
        return Ending(status, self._values, self._questions)

    def _failed(self, error: Exception, line: str) -> Ending:
        told = f"{type(error).__name__}: {line}"
        ending = Ending(RunStatus.FAILED, self._values, error=told, passing=passes(error))
        if self._options.stream and not ending.passing:
            self._frames.put("error", {"error": type(error).__name__, "message": line}, lingers=True)
        return ending

    async def _drive(self) -> None:
        if self._options.stream:
            self._frames.put("metadata", {"run_id": self._run.id, "attempt": self._run.attempts})
        config = self._config()
        begun = await self._input(config)
        asked = {*modes_of(self._options.stream), "events"}
        # Closed whatever stops us: no node goes on after its run has left.
        async with aclosing(self._parts(begun, config)) as told:
            async for namespace, mode, part in told:
                self._note(namespace, mode, part)
                if mode in asked:
                    self._tell(namespace, mode, part)
                    if mode in _TOLD_ONCE:
                        await self._frames.flush()
        if self._options.interrupt_before or self._options.interrupt_after:
            newest: RunnableConfig = {"configurable": {"thread_id": self._run.thread_id}}
            self._stands = bool((await self._graph.aget_state(newest)).next)

    def _parts(self, begun: Any, config: RunnableConfig) -> AsyncGenerator[Part, None]:
        options = self._options
        return parts(
            self._graph,
            begun,
            config,
            events="events" in options.stream,
            context=self._context(),
            stream_mode=list(dict.fromkeys((*_OWN_MODES, *modes_of(options.stream)))),
            subgraphs=options.subgraphs,
            interrupt_before=_names(options.interrupt_before),
            interrupt_after=_names(options.interrupt_after),
            durability="sync",
        )

    def _tell(self, namespace: tuple[str, ...], mode: str, part: Any) -> None:
        """Keep of it what was asked for."""
        if mode == "messages" and "messages-tuple" not in self._options.stream:
            for event, message in self._messages.told(*part):
                self._frames.put(event, message)
        else:
            self._frames.put("|".join((mode, *namespace)), part)

    def _note(self, namespace: tuple[str, ...], mode: str, part: Any) -> None:
        if namespace:
            return
        if mode == "values":
            self._values = {key: value for key, value in part.items() if not key.startswith("__")}
        elif mode == "tasks" and "result" in part:
            asked = tuple(Asked(part["id"], Interrupt(**it)) for it in part["interrupts"])
            self._questions += asked
            if not asked and part["error"] is None:
                self._frames.put(runs.NODE, {"node": part["name"]}, lingers=True)

    def _config(self) -> RunnableConfig:
        given = dict(self._options.config)
        place: dict[str, Any] = {**given.pop("configurable", {}), "thread_id": self._run.thread_id}
        if self._options.checkpoint_id and self._run.attempts == 1:
            place["checkpoint_id"] = self._options.checkpoint_id
        metadata = {**given.pop("metadata", {}), **self._run.meta, "run_id": self._run.id}
        limit = {"recursion_limit": RECURSION_LIMIT}
        return cast(RunnableConfig, {**limit, **given, "configurable": place, "metadata": metadata})

    def _context(self) -> Context:
        return self._options.context.over(
            replace(self._engine.context_of(self._run.tenant_id), memory=self.memory)
        )

    async def _input(self, config: RunnableConfig) -> Any:
        """A first attempt brings its input; a later one goes on where the checkpoint of this run stands."""
        run = self._run
        if run.attempts > 1:
            state = await self._graph.aget_state(config)
            if (state.metadata or {}).get("run_id") == run.id:
                return None
        options = self._options
        if run.resume is not None or options.update is not None or options.goto is not None:
            goto = () if options.goto is None else options.goto
            return Command(resume=run.resume, update=options.update, goto=goto)
        if options.checkpoint_id and not run.input:
            return None
        return {**run.input, "run_id": run.id, "thread_id": run.thread_id}


def _names(asked: Any) -> Any:
    return asked if asked == "*" else list(asked)
