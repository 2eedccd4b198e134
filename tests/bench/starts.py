"""From a request to start a run to its first node, when nothing else runs."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import AsyncExitStack

import httpx

from evals.report import Row
from tests.bench.cycles import last_status
from tests.bench.databases import Databases, Place
from tests.bench.processes import client_of, started

RUNS = 40
# Long enough for everything that follows a run to have ended.
PAUSE_S = 0.05


async def run(databases: Databases) -> list[Row]:
    rows: list[Row] = []
    for apart in (False, True):
        for place in databases.each():
            title = f"{place.backend}, {'a worker in another process' if apart else 'one process'}"
            found = await _starts(place, apart=apart)
            worst = f"under 20; the slowest of 20: {statistics.quantiles(found, n=20)[-1]:.1f}"
            rows.append(Row(f"{title}, median ms", statistics.median(found), worst))
    return rows


async def _starts(place: Place, *, apart: bool) -> list[float]:
    async with AsyncExitStack() as stack:
        concurrency = 0 if apart else 16
        artel = await stack.enter_async_context(started("serve", place, concurrency=concurrency))
        if apart:
            await stack.enter_async_context(started("work", place))
        client = await stack.enter_async_context(client_of(artel))
        for _ in range(5):
            await _start(client)
        return [await _start(client) for _ in range(RUNS)]


async def _start(client: httpx.AsyncClient) -> float:
    """Milliseconds from before the request until the node; the clocks of one machine agree."""
    await asyncio.sleep(PAUSE_S)
    asked = time.time()
    run_id = (await client.post("/api/v1/runs", json={"graph": "note"})).json()["id"]
    await last_status(client, run_id)
    result = (await client.get(f"/api/v1/runs/{run_id}")).json()["result"]
    return float(result["at"] - asked) * 1000
