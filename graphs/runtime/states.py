"""What the checkpoints say of a thread, read and changed through its graph, in the words of the wire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.errors import InvalidUpdateError
from langgraph.types import Interrupt, PregelTask, StateSnapshot, StateUpdate

from .engine import Graph
from .errors import BadRequest, NotFound

State = dict[str, Any]
# What a state is changed by: one update, several, or none.
Values = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True)
class Place:
    """A checkpoint of a thread: the newest one without an id; ns: which subgraph's."""

    thread_id: str
    checkpoint_id: str | None = None
    ns: str = ""

    def config(self) -> RunnableConfig:
        named = {"checkpoint_id": self.checkpoint_id} if self.checkpoint_id else {}
        return {"configurable": {"thread_id": self.thread_id, "checkpoint_ns": self.ns, **named}}


async def read(graph: Graph, place: Place, *, subgraphs: bool = False) -> State:
    """The state there. Errors: NotFound for a checkpoint that is not there."""
    with _understood():
        snapshot = await graph.aget_state(place.config(), subgraphs=subgraphs)
    if place.checkpoint_id and snapshot.created_at is None:
        raise NotFound.of("checkpoint", place.checkpoint_id)
    return told(snapshot, place.thread_id)


async def history(
    graph: Graph, place: Place, *, limit: int, before: str | None, metadata: Mapping[str, Any]
) -> list[State]:
    """The states up to there, the newest first."""
    until = Place(place.thread_id, before, place.ns).config() if before else None
    with _understood():
        found = graph.aget_state_history(place.config(), filter=dict(metadata), before=until, limit=limit)
        return [told(snapshot, place.thread_id) async for snapshot in found]


async def update(graph: Graph, place: Place, values: Values, node: str | None) -> State:
    """The new checkpoint. Errors: BadRequest when the graph cannot take the values; NotFound."""
    if place.checkpoint_id:
        await read(graph, place)
    for part in (values,) if isinstance(values, Mapping) else values or ():
        _check_known(graph, part)
    with _understood():
        changed = await graph.aupdate_state(place.config(), values, as_node=node)
    return checkpoint_of(changed, place.thread_id)


async def replay(graph: Graph, thread_id: str, supersteps: Iterable[Iterable[StateUpdate]]) -> None:
    """Make the thread's state by these updates. Errors: BadRequest."""
    with _understood():
        await graph.abulk_update_state(Place(thread_id).config(), [list(step) for step in supersteps])


def empty(thread_id: str) -> State:
    """The state of a thread on which nothing has run."""
    return {
        "values": {},
        "next": [],
        "tasks": [],
        "metadata": {},
        "created_at": None,
        "checkpoint": checkpoint_of({}, thread_id),
        "parent_checkpoint": None,
        "interrupts": [],
    }


def told(snapshot: StateSnapshot, thread_id: str) -> State:
    parent = snapshot.parent_config
    return {
        "values": snapshot.values,
        "next": list(snapshot.next),
        "tasks": [_task(task, thread_id) for task in snapshot.tasks],
        "metadata": snapshot.metadata or {},
        "created_at": snapshot.created_at,
        "checkpoint": checkpoint_of(snapshot.config, thread_id),
        "parent_checkpoint": checkpoint_of(parent, thread_id) if parent else None,
        "interrupts": [question(asked) for asked in snapshot.interrupts],
    }


def question(asked: Interrupt) -> dict[str, Any]:
    return {"id": asked.id, "value": asked.value}


def questions(state: State) -> dict[str, list[dict[str, Any]]]:
    """{task id: [{id, value}]} of the tasks that wait for an answer."""
    return {task["id"]: task["interrupts"] for task in state["tasks"] if task["interrupts"]}


def checkpoint_of(config: Mapping[str, Any], thread_id: str) -> dict[str, Any]:
    place = config.get("configurable", {})
    named = {name: place[name] for name in ("checkpoint_map",) if place.get(name)}
    return {
        "thread_id": thread_id,
        "checkpoint_ns": place.get("checkpoint_ns", ""),
        "checkpoint_id": place.get("checkpoint_id"),
        **named,
    }


def _task(task: PregelTask, thread_id: str) -> dict[str, Any]:
    inner = task.state
    return {
        "id": task.id,
        "name": task.name,
        "error": None if task.error is None else str(task.error),
        "interrupts": [question(asked) for asked in task.interrupts],
        "checkpoint": checkpoint_of(inner, thread_id) if isinstance(inner, dict) else None,
        "state": told(inner, thread_id) if isinstance(inner, StateSnapshot) else None,
        "result": task.result,
    }


def _check_known(graph: Graph, values: Mapping[str, Any]) -> None:
    # LangGraph drops what no channel takes without a word.
    known = graph.stream_channels_list
    if unknown := sorted(values.keys() - set(known)):
        raise BadRequest(f"the state has no {', '.join(unknown)}: it has {', '.join(known)}")


@contextmanager
def _understood() -> Iterator[None]:
    """What LangGraph refuses is the caller's mistake: its first line says which."""
    try:
        yield
    except (InvalidUpdateError, ValueError) as error:
        raise BadRequest(str(error).splitlines()[0]) from error
