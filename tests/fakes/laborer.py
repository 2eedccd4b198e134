"""What a worker does as a process of its own, see workshop.py: it sets an event when ready.

Its one graph, `slow`, stays in its node as long as there is a file `hold`, and
keeps a journal of who entered the node and who left it.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, TypedDict

from langgraph.graph import START, StateGraph

from agents.context import Context
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings

_CLONE_NEWNET = 0x40000000  # of setns(2)


class Slow(TypedDict, total=False):
    folder: str


async def work(state: Slow) -> dict[str, Any]:
    folder = Path(state["folder"])
    note(folder, "in")
    try:
        while (folder / "hold").exists():  # noqa: ASYNC110 - what other processes do is no event here
            await asyncio.sleep(0.05)
    finally:
        note(folder, "out")
    return {}


def note(folder: Path, what: str) -> None:
    with (folder / "journal").open("a") as journal:
        journal.write(f"{what} {os.getpid()}\n")


def build_slow() -> StateGraph[Slow, Context, Any, Any]:
    graph = StateGraph(Slow, context_schema=Context)
    graph.add_node(work)
    graph.add_edge(START, "work")
    return graph


def labor(settings: Settings, namespace: str | None, ready: Event) -> None:
    """Until SIGTERM. namespace: the network namespace to be in, by its name."""
    if namespace:
        _enter(namespace)
    asyncio.run(_labor(settings, ready))


async def _labor(settings: Settings, ready: Event) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_services(settings, graphs={"slow": build_slow}):
        ready.set()
        await stop.wait()


def _enter(namespace: str) -> None:
    with Path("/run/netns", namespace).open() as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"the namespace {namespace} cannot be entered")
