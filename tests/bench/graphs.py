"""The graphs that the bench runs, beside the five nodes of tests/fakes/graphs.py."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, TypedDict

from langgraph.graph import START, StateGraph

from agents.context import Context
from graphs.registry import Build
from tests.fakes.graphs import build_asking
from tests.fakes.letters import build_letter


class Work(TypedDict, total=False):
    """seconds: how long the node is at it; at: when it began."""

    seconds: float
    at: float


async def note(state: Work) -> dict[str, Any]:
    return {"at": time.time()}


async def wait(state: Work) -> dict[str, Any]:
    """What most nodes do: wait for a model or a registry."""
    await asyncio.sleep(state["seconds"])
    return {}


async def burn(state: Work) -> dict[str, Any]:
    end = time.thread_time() + state["seconds"]
    while time.thread_time() < end:
        pass
    return {}


def _alone(node: Any) -> Build:
    def build() -> StateGraph[Work, Context, Any, Any]:
        graph = StateGraph(Work, context_schema=Context)
        graph.add_node(node)
        graph.add_edge(START, node.__name__)
        return graph

    return build


GRAPHS: Mapping[str, Build] = {
    "asking": build_asking,
    "letter": build_letter,
    **{node.__name__: _alone(node) for node in (note, wait, burn)},
}
