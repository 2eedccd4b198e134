"""Cycles a second: start -> review -> resume -> done, through our HTTP API against the bare graph.

Both run the same five-node graph with a 2 KB state, the same checkpointer on an SQLite file and
`durability="sync"`. The API's server is a process of its own. Rounds alternate within one run, so that a
busy machine slows both; only the ratio means something.
"""

from __future__ import annotations

import asyncio
import json
import signal
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import uvloop
from langgraph.types import Command

from api.server import serving
from evals.report import Row
from graphs.runtime.settings import Settings
from graphs.runtime.token import token_of
from memory.checkpoints import open_saver
from tests.fakes.graphs import build_asking

STATE = {"text": "x" * 2000}
APPROVE = {"decisions": [{"type": "approve"}]}
ROUNDS = 5

Cycle = Callable[[], Awaitable[None]]


async def run(cycles: int = 40) -> list[Row]:
    """Rows of cycles/s, the ratio to the bare graph, and milliseconds of each part of a cycle."""
    with tempfile.TemporaryDirectory() as folder:
        async with bare(Path(folder)) as alone:
            async with api(Path(folder) / "one") as (served, stages):
                rows = await compare(alone, served, 1, cycles)
                # With one client nothing waits for anything else, so the parts are what a cycle is made of.
                parts = await stages()
            async with api(Path(folder) / "many") as (served, _):
                rows += await compare(alone, served, 16, cycles)
    return rows + parts


async def compare(alone: Cycle, served: Cycle, clients: int, cycles: int) -> list[Row]:
    speeds: dict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        speeds["bare"].append(await speed(alone, clients, cycles))
        speeds["api"].append(await speed(served, clients, cycles))
    ratio = statistics.median(a / b for a, b in zip(speeds["api"], speeds["bare"], strict=True))
    name = "one client" if clients == 1 else f"{clients} clients"
    return [
        Row(f"cycles/s, bare graph, {name}", statistics.median(speeds["bare"])),
        Row(f"cycles/s, HTTP API, {name}", statistics.median(speeds["api"])),
        Row(f"ratio API / bare, {name}", ratio, "at least 0.25"),
    ]


async def speed(cycle: Cycle, clients: int, cycles: int) -> float:
    """Cycles a second with `clients` at once."""

    async def client() -> None:
        for _ in range(cycles // clients or 1):
            await cycle()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return clients * (cycles // clients or 1) / (time.perf_counter() - began)


@asynccontextmanager
async def bare(folder: Path) -> AsyncIterator[Cycle]:
    async with open_saver(f"sqlite:///{folder / 'bare.db'}") as saver:
        graph = build_asking().compile(checkpointer=saver)
        threads = iter(range(1_000_000))

        async def cycle() -> None:
            config: Any = {"configurable": {"thread_id": f"bare-{next(threads)}"}}
            asked = await graph.ainvoke(STATE, config, durability="sync")  # type: ignore[arg-type]
            resume = {asked["__interrupt__"][0].id: APPROVE}
            await graph.ainvoke(Command(resume=resume), config, durability="sync")

        yield cycle


@asynccontextmanager
async def api(folder: Path) -> AsyncIterator[tuple[Cycle, Callable[[], Awaitable[list[Row]]]]]:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.cycles", str(folder), stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    where = json.loads(await server.stdout.readline())
    headers = {"Authorization": f"Bearer {where['token']}"}
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(base_url=where["url"], headers=headers, limits=limits, timeout=60) as client:

        async def stages() -> list[Row]:
            spent = json.loads(await finish(server))
            return [Row(f"ms a cycle: {name}", value) for name, value in spent.items()]

        yield (lambda: http_cycle(client)), stages
    if server.returncode is None:
        await finish(server)


async def finish(server: asyncio.subprocess.Process) -> bytes:
    server.send_signal(signal.SIGTERM)
    said, _ = await server.communicate()
    return said


async def http_cycle(client: httpx.AsyncClient) -> None:
    started = await client.post("/api/v1/runs", json={"graph": "asking", "input": STATE})
    waiting = await last_status(client, started.json()["id"])
    decided = await client.post(
        f"/api/v1/reviews/{waiting['reviews'][0]}/decide", json={"type": "approve", "version": 1}
    )
    done = await last_status(client, decided.json()["run_id"])
    assert done["status"] == "done", done


async def last_status(client: httpx.AsyncClient, run_id: str) -> dict[str, Any]:
    status: dict[str, Any] = {}
    async with client.stream("GET", f"/api/v1/runs/{run_id}/events") as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data:") and "status" in (event := json.loads(line[5:])):
                status = event
    return status


async def serve(folder: Path) -> None:
    """The server's side: says where it listens, then, when told to end, where its time went."""
    spent = Stopwatch()
    spent.attach()
    settings = Settings(data_dir=folder)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serving(
        settings, host="127.0.0.1", port=0, schedules=False, graphs={"asking": build_asking}
    ) as url:
        print(json.dumps({"url": url, "token": token_of(settings)}), flush=True)
        await stop.wait()
    print(json.dumps(spent.per_cycle()), flush=True)


class Stopwatch:
    """Wall-clock milliseconds of the parts of a run in this process, by wrapping them."""

    def __init__(self) -> None:
        self.total: dict[str, float] = defaultdict(float)
        self.runs = 0

    def attach(self) -> None:
        from graphs.runtime.execution import Execution
        from graphs.runtime.worker import Worker
        from memory.db import Memory

        self._wrap(Memory, "write", lambda args: f"transaction {args[1].__name__.strip('_')}")
        self._wrap(Memory, "read", lambda args: f"read {args[1].__name__.strip('_')}")
        self._wrap(Execution, "_drive", lambda args: "graph and its checkpoints")
        self._wrap(Worker, "_drive", lambda args: "(a run as a whole)")

    def per_cycle(self) -> dict[str, float]:
        cycles = max(self.runs // 2, 1)
        return {name: total / cycles for name, total in sorted(self.total.items(), key=lambda item: -item[1])}

    def _wrap(self, owner: type, name: str, label: Callable[[tuple[Any, ...]], str]) -> None:
        work = getattr(owner, name)

        async def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return await work(*args, **kwargs)
            finally:
                self.total[label(args)] += (time.perf_counter() - began) * 1000
                self.runs += label(args).startswith("(")

        setattr(owner, name, timed)


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1])))
