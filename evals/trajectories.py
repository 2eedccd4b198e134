"""The way that a thread went through its graph, held against the way that it should go.

A way is its turns: one for the start, and one for each decision that let it go on. Each check answers with
lines that show where the two go apart, and with none where they don't.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import ndiff
from typing import Any

from agentevals.graph_trajectory.strict import graph_trajectory_strict_match
from agentevals.graph_trajectory.utils import aextract_langgraph_trajectory_from_thread
from agentevals.types import GraphTrajectory

from graphs.runtime.services import Services

Turns = Sequence[Sequence[str]]
# How agentevals tells a question; what comes behind it is the node that asks.
QUESTION = "__interrupt__"


async def turns(artel: Services, graph: str, thread_id: str) -> list[list[str]]:
    """The nodes of each turn in the order in which they ended, as its checkpoints tell it. Nodes that ran
    again after a crash are told once; those of a subgraph that asks are not told."""
    place = {"configurable": {"thread_id": thread_id}}
    found = await aextract_langgraph_trajectory_from_thread(artel.engine.graphs[graph], place)
    steps: list[list[str]] = found["outputs"]["steps"]
    return steps


def flat(told: Turns) -> tuple[str, ...]:
    """All nodes, with QUESTION where it stopped for a decision."""
    return tuple(node for turn in told for node in turn)


def strict(expected: Turns, got: Turns) -> list[str]:
    """The same nodes in the same turns and the same order."""
    told = graph_trajectory_strict_match(outputs=_way(got), reference_outputs=_way(expected))
    return [] if told["score"] else _difference(_numbered(expected), _numbered(got))


def unordered(expected: Turns, got: Turns) -> list[str]:
    """The same nodes as often, in any order."""
    return _more(expected, got, "-") + _more(got, expected, "+")


def subset(expected: Turns, got: Turns) -> list[str]:
    """No node that isn't expected, nor more often: some may be missing."""
    return _more(got, expected, "+")


def state(expected: Mapping[str, Any], got: Mapping[str, Any]) -> list[str]:
    """Each value that is expected, within mappings too; what else the state has is not looked at. Approve and
    edit go the same way, so the way alone does not say what came of it."""
    return [line for name, value in expected.items() for line in _state(name, value, got, name)]


def _state(name: str, expected: Any, got: Mapping[str, Any], place: str) -> list[str]:
    if name not in got:
        return [f"- {place}: {expected!r}"]
    found = got[name]
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return [
            line
            for inner, value in expected.items()
            for line in _state(inner, value, found, f"{place}.{inner}")
        ]
    return [] if found == expected else [f"- {place}: {expected!r}", f"+ {place}: {found!r}"]


def _way(told: Turns) -> GraphTrajectory:
    return GraphTrajectory(inputs=None, results=[], steps=[list(turn) for turn in told])


def _numbered(told: Turns) -> list[str]:
    return [f"{number}. {node}" for number, turn in enumerate(told, 1) for node in turn]


def _difference(expected: Iterable[str], got: Iterable[str]) -> list[str]:
    return [line for line in ndiff(list(expected), list(got)) if not line.startswith("?")]


def _more(one: Turns, other: Turns, sign: str) -> list[str]:
    more = Counter(flat(one)) - Counter(flat(other))
    return [f"{sign} {node}" + (f" ×{count}" if count > 1 else "") for node, count in sorted(more.items())]
