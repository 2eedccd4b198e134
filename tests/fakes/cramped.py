"""Runs on a disk that is full for a while: `python -m tests.fakes.cramped FOLDER`, on a disk of its own.

It prints what became of them as a line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, TypedDict

from langgraph.graph import START, StateGraph
from sqlalchemy.exc import DBAPIError

from agents.context import Context
from api.logs import log_to_stderr
from graphs.runtime.runs import Request
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory.models import Run, Trigger

LEASE_S = 2.0
# More than what a full SQLite file still finds room for in pages that it has.
BULK = "x" * 6_000_000


class Bulky(TypedDict, total=False):
    bulk: str


async def main(folder: Path) -> None:
    # A console's tracebacks would show six million letters.
    log_to_stderr(Settings())
    entered: asyncio.Queue[None] = asyncio.Queue()
    go = asyncio.Event()

    async def work(state: Bulky) -> dict[str, Any]:
        entered.put_nowait(None)
        await go.wait()
        return {"bulk": BULK}

    def build() -> StateGraph[Bulky, Context, Any, Any]:
        return StateGraph(Bulky, context_schema=Context).add_node(work).add_edge(START, "work")

    async with open_services(Settings(data_dir=folder, lease_s=LEASE_S), graphs={"bulky": build}) as services:
        held = [await start(services) for _ in range(3)]
        for _ in held:
            await entered.get()
        fill(folder / "ballast")
        go.set()
        refused = await refuses(services)
        # Until its place is lost, too: a beat cannot be written either.
        await asyncio.sleep(2 * LEASE_S)
        full = [(await services.runs.get(run.id)).status for run in held]
        (folder / "ballast").unlink()
        ended = [await services.runs.wait(run.id) for run in held]
        kept = [await kept_bulk(services, run) for run in ended]
        told = {"refused": refused, "full": full, "ended": [run.status for run in ended], "kept": kept}
        print(json.dumps({**told, "runs": len(await services.runs.page())}))


async def start(services: Services, bulk: str = "") -> Run:
    run, _ = await services.runs.start(Request("bulky", {"bulk": bulk}, Trigger.API, "person:test"))
    return run


async def kept_bulk(services: Services, run: Run) -> bool:
    """Whether all that the run did is on disk."""
    state = await services.engine.graphs["bulky"].aget_state({"configurable": {"thread_id": run.thread_id}})
    return bool(state.values["bulk"] == BULK)


async def refuses(services: Services) -> bool:
    try:
        await start(services, BULK)
    except DBAPIError:
        return True
    return False


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(bytes(4096))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
