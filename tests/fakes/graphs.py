"""Small real graphs that the runtime's tests and the bench run."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from agents.context import Context

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
