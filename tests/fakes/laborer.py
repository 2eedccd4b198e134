"""A worker as a process: `python -m tests.fakes.laborer DATABASE_URL FOLDER LEASE_S GRACE_S`.

It says its name when ready. Its one graph, `slow`, stays in its node as long as there is a file `hold`, and
keeps a journal of who entered the node and who left it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any, TypedDict

from langgraph.graph import START, StateGraph

from agents.context import Context
from api.logs import log_to_stderr
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings


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


async def main(url: str, folder: Path, lease_s: float, grace_s: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    # Nobody reads more than one line of its standard output.
    log_to_stderr(Settings())
    settings = Settings(database_url=url, data_dir=folder, lease_s=lease_s, grace_s=grace_s)
    async with open_services(settings, graphs={"slow": build_slow}) as services:
        print(services.worker.member, flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), *map(float, sys.argv[3:])))
