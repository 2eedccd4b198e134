"""The scout's state machine: feeds in, partnership threads out. One thread a trigger.

fetch -> (extract -> resolve)* -> validate -> shortlist -> start
"""

from __future__ import annotations

from typing import Any

from langgraph.graph import START, StateGraph

from agents.compatibility.nodes import shortlist
from agents.context import Context
from agents.scout.nodes import extract, fetch, resolve, start, validate
from agents.scout.state import ScoutState


def build() -> StateGraph[ScoutState, Context, Any, Any]:
    graph = StateGraph(ScoutState, context_schema=Context)
    for node in (fetch, extract, resolve, validate, shortlist, start):
        graph.add_node(node)
    graph.add_edge(START, "fetch")
    return graph
