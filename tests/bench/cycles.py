"""Cycles a second: start -> review -> resume -> done, over HTTP against the bare graph.

All run the same five-node graph with a 2 KB state and `durability="sync"`; the bare graph with LangGraph's
own saver, as somebody would who has no server. Artel is a process of its own, and both its doors are
measured. Rounds alternate within one run, so that a busy machine slows all: only the ratio means something.
"""

from __future__ import annotations

import json
import statistics
import time
from asyncio import gather
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.types import Command
from sqlalchemy.engine import make_url

from evals.report import Row
from memory.checkpoints import setup
from memory.checkpoints.pools import open_pool
from tests.bench.databases import Databases, Place
from tests.bench.processes import Artel, client_of, started
from tests.bench.stopwatch import LAYERS
from tests.fakes.graphs import build_asking

STATE = {"text": "x" * 2000}
APPROVE = {"decisions": [{"type": "approve"}]}
ROUNDS = 5
CYCLES = 32
POOL = 4

Cycle = Callable[[], Awaitable[None]]


async def speeds(databases: Databases) -> list[Row]:
    """Cycles a second and their ratio to the bare graph."""
    rows: list[Row] = []
    for place in databases.each():
        with databases.empty(place.backend) as alone:
            async with bare(alone) as cycle, served(place) as (doors, _):
                for clients in (1, 16):
                    rows += await _compare(f"{place.backend}, {_told(clients)}", cycle, doors, clients)
    return rows


async def parts(databases: Databases, cycles: int = 60) -> list[Row]:
    """What a lone cycle is made of. Nothing waits for anything else then, so its parts add up."""
    rows: list[Row] = []
    for place in databases.each():
        async with served(place, "watched") as (doors, artel):
            for door, cycle in doors.items():
                await speed(cycle, 1, 10)
                before = await artel.measured()
                whole = 1000 / await speed(cycle, 1, cycles)
                after = await artel.measured()
                spent = {part: (after[part] - before.get(part, 0)) / cycles for part in after}
                rows += _parts(f"{place.backend}, {door}", whole, spent)
    return rows


def _parts(title: str, whole: float, spent: dict[str, float]) -> list[Row]:
    layers = {layer: spent.get(f"layer {layer}", 0) for layer in LAYERS}
    commits = spent["times checkpoints: aput"] + spent["times checkpoints: aput_writes"]
    return [
        Row(f"{title}: ms a cycle", whole),
        Row("   checkpoints", layers["checkpoints"]),
        Row("   the graph without them", layers["graph"]),
        Row("   our rows", layers["rows"], _listed(spent)),
        Row("   HTTP, the client, the rest", whole - sum(layers.values())),
        Row("   JSON, of all that", spent["JSON"]),
        Row("   commits: our rows + checkpoints", f"{spent['commits: rows']:.1f} + {commits:.1f}"),
    ]


def _listed(spent: dict[str, float]) -> str:
    """Each transaction, the longest first."""
    each = {name.removeprefix("rows: "): it for name, it in spent.items() if name.startswith("rows: ")}
    return ", ".join(f"{name} {it:.1f}" for name, it in sorted(each.items(), key=lambda one: -one[1]) if it)


async def _compare(title: str, alone: Cycle, doors: dict[str, Cycle], clients: int) -> list[Row]:
    found: dict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        for name, cycle in {"bare": alone, **doors}.items():
            found[name].append(await speed(cycle, clients, CYCLES))
    rows = [Row(f"{title}: bare graph, cycles/s", statistics.median(found["bare"]))]
    for door in doors:
        rows.append(Row(f"{title}: {door}, cycles/s", statistics.median(found[door])))
        ratio = statistics.median(a / b for a, b in zip(found[door], found["bare"], strict=True))
        rows.append(Row(f"{title}: {door} / bare", ratio, "at least 0.35, wanted 0.6"))
    return rows


async def speed(cycle: Cycle, clients: int, cycles: int) -> float:
    """Cycles a second with `clients` at once."""

    async def client() -> None:
        for _ in range(cycles // clients):
            await cycle()

    began = time.perf_counter()
    await gather(*(client() for _ in range(clients)))
    return cycles // clients * clients / (time.perf_counter() - began)


@asynccontextmanager
async def bare(place: Place) -> AsyncIterator[Cycle]:
    async with _stock_saver(place) as saver:
        graph = build_asking().compile(checkpointer=saver)
        threads = iter(range(1_000_000))

        async def cycle() -> None:
            config: Any = {"configurable": {"thread_id": f"bare-{next(threads)}"}}
            asked = await graph.ainvoke(STATE, config, durability="sync")
            resume = {asked["__interrupt__"][0].id: APPROVE}
            await graph.ainvoke(Command(resume=resume), config, durability="sync")

        yield cycle


@asynccontextmanager
async def _stock_saver(place: Place) -> AsyncIterator[BaseCheckpointSaver[str]]:
    if place.backend == "SQLite":
        async with AsyncSqliteSaver.from_conn_string(str(make_url(place.url).database)) as saver:
            yield saver
    else:
        await setup(place.url)
        async with open_pool(place.url, POOL) as pool:
            yield AsyncPostgresSaver(pool)


@asynccontextmanager
async def served(place: Place, *args: str) -> AsyncIterator[tuple[dict[str, Cycle], Artel]]:
    async with AsyncExitStack() as stack:
        artel = await stack.enter_async_context(started("serve", place, *args))
        client = await stack.enter_async_context(client_of(artel))
        yield {"/api/v1": lambda: native(client), "/langgraph": lambda: wire(client)}, artel


async def native(client: httpx.AsyncClient) -> None:
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


async def wire(client: httpx.AsyncClient) -> None:
    """What `langgraph-sdk` sends for threads.create and twice runs.wait."""
    thread = (await client.post("/langgraph/threads", json={})).json()["thread_id"]
    place = f"/langgraph/threads/{thread}/runs/wait"
    asked = (await client.post(place, json={"assistant_id": "asking", "input": STATE})).json()
    resume = {asked["__interrupt__"][0]["id"]: APPROVE}
    told = await client.post(place, json={"assistant_id": "asking", "command": {"resume": resume}})
    assert told.json()["steps"][-1] == "last", told.json()


def _told(clients: int) -> str:
    return "one client" if clients == 1 else f"{clients} clients"
