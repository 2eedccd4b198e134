"""What everything that runs graphs shares: the database, the graphs, the context, the clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from langgraph.graph.state import CompiledStateGraph
from langgraph.store.base import BaseStore

from agents.context import Context
from memory.checkpoints import Saver
from memory.db import Memory
from memory.runs import Caps

from .events import Events

Graph = CompiledStateGraph[Any, Context, Any, Any]


@dataclass(frozen=True)
class Limits:
    """What a worker allows. max_deaths: workers that may die on a run before it is dead; max_retries:
    passing errors before it fails; times are seconds, of one node and of one execution (None: any)."""

    concurrency: int = 16
    queues: tuple[str, ...] = ("default",)
    max_deaths: int = 5
    max_retries: int = 3
    node_s: float | None = None
    run_s: float | None = None
    lease_s: float = 10.0
    poll_s: float = 5.0
    caps: Caps = field(default_factory=Caps)


@dataclass(frozen=True)
class Engine:
    """Frozen: what changes is in the database, and in the worker. context_of: what a tenant's nodes use."""

    memory: Memory
    graphs: Mapping[str, Graph]
    context_of: Callable[[str], Context]
    saver: Saver
    store: BaseStore
    events: Events
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    rng: random.Random
    limits: Limits
