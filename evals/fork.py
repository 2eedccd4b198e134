"""A run of production again from one of its nodes, with the prompts and the code that lie here now.

It happens on a copy of the database in a folder of its own: no worker, no schedule and no webhook is there,
letters go to that folder's outbox, deals to that copy.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START
from langgraph.types import Command, StateSnapshot
from sqlalchemy.engine import make_url

from agents.context import Context
from graphs.registry import GRAPHS
from graphs.runtime.contexts import fetcher_of
from graphs.runtime.engine import Graph
from graphs.runtime.services import migrated
from graphs.runtime.settings import Settings
from graphs.runtime.world import new_id, wall_clock
from memory import drafts, runs
from memory.checkpoints import open_saver
from memory.checkpoints.moving import carry
from memory.copying import copy_rows
from memory.db import TenantSession
from memory.ids import derived
from memory.models import Draft
from memory.rows import insert_missing

from .errors import UnknownEval
from .nodes import Nodes, open_nodes
from .trajectories import QUESTION


@dataclass(frozen=True)
class Forked:
    """before: the thread's state as production left it; after: the branch's at its question or its end; way:
    the nodes that the branch went through."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    way: tuple[str, ...]


async def fork(settings: Settings, folder: Path, run_id: str, node: str) -> Forked:
    """settings: of production, and of the models that may be asked. Errors: UnknownEval for a run or a node
    that it has not gone through, and for a database that is not there."""
    copied = settings.model_copy(update={"data_dir": folder, "database_url": ""})
    await _copy(settings, copied)
    async with _opened(copied) as (nodes, saver):
        memory = nodes.memory
        run = await memory.read(runs.get, run_id)
        if run is None or run.graph not in GRAPHS:
            raise UnknownEval(f"there is no run {run_id!r} in the database")
        if not _is_file(settings):
            async with open_saver(settings.url, holds=lambda: False) as source:
                await carry(source, saver, run.thread_id)
        graph: Graph = GRAPHS[run.graph]().compile(checkpointer=saver)
        before = await graph.aget_state(_place(run.thread_id))
        at = await _before(graph, run.thread_id, node)
        branch = derived("fork", run.thread_id, node)
        await memory.write(_earlier_drafts, run.thread_id, branch, at.values.get("draft_version", 0))
        await _laid(graph, branch, {**at.values, "thread_id": branch})
        way = [name async for name in _driven(graph, Command(goto=node), branch, nodes.context)]
        after = await graph.aget_state(_place(branch))
        return Forked(before.values, after.values, tuple(way))


async def _laid(graph: Graph, branch: str, values: Mapping[str, Any]) -> None:
    """A thread that stands with these values, with no node that should run."""
    await graph.aupdate_state(_place(branch), dict(values), as_node=START)
    await graph.aupdate_state(_place(branch), None, as_node=END)


async def _driven(graph: Graph, begin: Any, branch: str, context: Context) -> AsyncIterator[str]:
    parts = graph.astream(begin, _place(branch), context=context, stream_mode="updates", durability="sync")
    async for part in parts:
        for name in part:
            yield name if name in graph.nodes else QUESTION


async def _before(graph: Graph, thread_id: str, node: str) -> StateSnapshot:
    """The newest state from which the thread went to the node. Errors: UnknownEval."""
    seen: set[str] = set()
    async for state in graph.aget_state_history(_place(thread_id)):
        if node in state.next:
            return state
        seen |= set(state.next)
    raise UnknownEval(f"the thread never went to {node!r}, only to {', '.join(sorted(seen)) or 'its end'}")


def _place(thread_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id}}


def _earlier_drafts(session: TenantSession, thread_id: str, branch: str, version: int) -> None:
    """The versions that were written by then, as the branch's own: a rewrite needs the one before it."""
    for it in drafts.versions(session, thread_id):
        if it.version <= version:
            told = {"id": derived("draft", branch, str(it.version)), "thread_id": branch}
            insert_missing(session, Draft, [it.model_dump() | told])


async def _copy(settings: Settings, copied: Settings) -> None:
    """A file with its checkpoints; of a server the rows, for a thread is all that is needed of the rest.

    Errors: UnknownEval."""
    copied.data_dir.mkdir(parents=True, exist_ok=True)
    if _is_file(settings):
        _copy_file(settings, copied)
    else:
        await migrated(copied)
        await asyncio.to_thread(copy_rows, settings.url, copied.url)


def _copy_file(settings: Settings, copied: Settings) -> None:
    """Errors: UnknownEval."""
    path = Path(make_url(settings.url).database or "")
    if not path.exists():
        raise UnknownEval(f"there is no database {path}")
    source = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    with closing(source), closing(sqlite3.connect(copied.data_dir / "artel.db")) as target:
        source.backup(target)


def _is_file(settings: Settings) -> bool:
    return make_url(settings.url).get_backend_name() == "sqlite"


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Nodes, Any]]:
    async with (
        aclosing(fetcher_of(settings)) as fetcher,
        open_nodes(settings, fetcher, wall_clock, new_id) as nodes,
        open_saver(settings.url, turns=nodes.memory.database.writing) as saver,
    ):
        yield nodes, saver
