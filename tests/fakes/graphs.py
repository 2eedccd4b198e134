"""Small real graphs that the runtime's tests and the bench run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import add
from typing import Annotated, Any, Literal, TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from agents.context import Context
from graphs.registry import Build

# What is lost never comes; a busy machine may take its time.
PATIENCE_S = 30

QUESTION = {
    "action_requests": [{"name": "send_letter", "args": {"note": "?"}, "description": "A question"}],
    "review_configs": [
        {"action_name": "send_letter", "allowed_decisions": ["approve", "edit", "reject", "respond"]}
    ],
}


class Asking(TypedDict, total=False):
    """text: ballast that makes the state as large as a real one; steps: the nodes gone through."""

    text: str
    steps: list[str]
    answer: str


async def first(state: Asking) -> Command[Literal["second"]]:
    return Command(goto="second", update={"steps": ["first"]})


async def second(state: Asking) -> Command[Literal["ask"]]:
    return Command(goto="ask", update={"steps": [*state["steps"], "second"]})


async def ask(state: Asking) -> Command[Literal["second", "third"]]:
    answer = interrupt(QUESTION)["decisions"][0]["type"]
    if answer == "respond":
        return Command(goto="second", update={"answer": answer})
    return Command(goto="third", update={"answer": answer})


async def third(state: Asking) -> Command[Literal["last"]]:
    return Command(goto="last", update={"steps": [*state["steps"], "third"]})


async def last(state: Asking) -> dict[str, Any]:
    return {"steps": [*state["steps"], "last"]}


def build_asking() -> StateGraph[Asking, Context, Any, Any]:
    graph = StateGraph(Asking, context_schema=Context)
    for node in (first, second, ask, third, last):
        graph.add_node(node)
    graph.add_edge(START, "first")
    return graph


async def failing(state: Asking) -> dict[str, Any]:
    raise ValueError("the node could not do it")


def build_failing() -> StateGraph[Asking, Context, Any, Any]:
    graph = StateGraph(Asking, context_schema=Context)
    graph.add_node(failing)
    graph.add_edge(START, "failing")
    return graph


class Trail(TypedDict, total=False):
    """name: whose run it is; steps: the nodes that it has left."""

    name: str
    steps: Annotated[list[str], add]


Step = Callable[[Trail], Awaitable[object]]


def chain(*steps: Step) -> Build:
    """A graph of these steps, one after the other; what they return is not kept."""

    def left(step: Step, name: str) -> Any:
        async def work(state: Trail) -> dict[str, Any]:
            await step(state)
            return {"steps": [name]}

        return work

    def build() -> StateGraph[Trail, Context, Any, Any]:
        graph = StateGraph(Trail, context_schema=Context)
        for number, step in enumerate(steps, 1):
            graph.add_node(f"n{number}", left(step, f"n{number}"))
            graph.add_edge(f"n{number - 1}" if number > 1 else START, f"n{number}")
        return graph

    return build


@dataclass
class Gate:
    """A step in which every run stays until it is opened, and then for `stay_s` seconds more. It knows who
    came and how many were in it at once."""

    came: list[str] = field(default_factory=list)
    inside: int = 0
    most: int = 0
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    stay_s: float = 0

    async def __call__(self, state: Trail) -> None:
        with self._inside(state):
            await self.opened.wait()
            await asyncio.sleep(self.stay_s)

    def around(self, step: Step) -> Step:
        """The other step, seen by this gate too."""

        async def seen(state: Trail) -> None:
            with self._inside(state):
                await step(state)

        return seen

    async def entered(self, times: int) -> list[str]:
        """Who came, once it was so many."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.came) < times:  # noqa: ASYNC110 - a test looks, nobody tells it
                await asyncio.sleep(0.01)
        return self.came

    @contextmanager
    def _inside(self, state: Trail) -> Iterator[None]:
        self.came.append(state["name"])
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            yield
        finally:
            self.inside -= 1
