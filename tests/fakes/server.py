"""What a server does as a process that can be killed, see house.py: it sets an event when ready.

Its graphs: `gated` has five nodes of which each waits until the folder has
a file of its name, and appends its name to the file `begun` before and to `passed` after that; `deciding`
asks, and on approval appends its thread to the file `sent`, as often as that is done.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, TypedDict

from langgraph.config import get_stream_writer
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

from agents.context import Context
from api.server import serving
from graphs.registry import Build
from graphs.runtime.settings import Settings

from .graphs import QUESTION, Step, Trail, chain
from .served import TOKEN

NODES = tuple(f"n{number}" for number in range(1, 6))


def gated(folder: Path) -> Callable[[str], Step]:
    def node(name: str) -> Step:
        async def step(state: Trail) -> None:
            note("begun")
            get_stream_writer()({"begins": name})
            while not (folder / name).exists():  # noqa: ASYNC110 - another process makes it
                await asyncio.sleep(0.02)
            note("passed")

        def note(file: str) -> None:
            with (folder / file).open("a") as journal:
                journal.write(f"{name}\n")

        return step

    return node


class Deciding(TypedDict, total=False):
    thread_id: str
    decision: str


async def ask(state: Deciding) -> Deciding:
    return {"decision": interrupt(QUESTION)["decisions"][0]["type"]}


def deciding(folder: Path) -> Build:
    async def send(state: Deciding) -> None:
        if state["decision"] == "approve":
            with (folder / "sent").open("a") as sent:
                sent.write(f"{state['thread_id']}\n")

    def build() -> StateGraph[Deciding, Context, Any, Any]:
        graph = StateGraph(Deciding, context_schema=Context).add_node(ask).add_node("send", send)
        return graph.add_edge(START, "ask").add_edge("ask", "send")

    return build


def serve(url: str, folder: Path, port: int, ready: Event) -> None:
    """Until SIGTERM."""
    asyncio.run(_serve(url, folder, port, ready))


async def _serve(url: str, folder: Path, port: int, ready: Event) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = Settings(database_url=url, data_dir=folder, token=TOKEN, grace_s=0)
    graphs = {"gated": chain(*map(gated(folder), NODES)), "deciding": deciding(folder)}
    async with serving(settings, host="127.0.0.1", port=port, schedules=False, graphs=graphs):
        ready.set()
        await stop.wait()
