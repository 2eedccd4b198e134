"""Artel in a process of its own, as `artel serve` and `artel worker` run it, but with the bench's graphs.

`python -m tests.bench.processes serve|work URL FOLDER CONCURRENCY QUEUE [watched]`. It says a line of JSON
when it is ready, answers a line with what it has measured so far, and stops when its standard input ends.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvloop

from api.server import serving
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings
from tests.bench.children import Child, child
from tests.bench.databases import Place
from tests.bench.graphs import GRAPHS
from tests.bench.stopwatch import Stopwatch

TOKEN = "a-token-for-the-bench"
# Requests are counted, but nobody has to wait.
FREELY = 10**9


@dataclass(frozen=True)
class Artel:
    """The other side's view of such a process."""

    child: Child

    @property
    def url(self) -> str:
        """Where it serves."""
        return str(self.child.said["url"])

    async def measured(self) -> dict[str, float]:
        answer: dict[str, float] = await self.child.ask()
        return answer


@asynccontextmanager
async def started(
    kind: str, place: Place, *args: str, concurrency: int = 16, queue: str = "default"
) -> AsyncIterator[Artel]:
    where = (place.url, str(place.folder), str(concurrency), queue)
    async with child(sys.executable, "tests.bench.processes", kind, *where, *args) as started:
        yield Artel(started)


@asynccontextmanager
async def client_of(artel: Artel) -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=artel.url, headers=headers, limits=limits, timeout=60) as client:
        yield client


async def _main(kind: str, url: str, folder: str, concurrency: str, queue: str, *args: str) -> None:
    watch = Stopwatch()
    if args:
        watch.attach()
    settings = Settings(
        database_url=url,
        data_dir=Path(folder),
        token=TOKEN,
        concurrency=int(concurrency),
        queue=queue,
        rate_per_minute=FREELY,
        # The letters have waited since a fixed day: a real server has long told of them and pruned them.
        deadline_h=0,
        prune_after_h=0,
    )
    if kind == "serve":
        async with serving(settings, host="127.0.0.1", port=0, schedules=False, graphs=GRAPHS) as base:
            await _answering(watch if args else None, base)
    else:
        async with open_services(settings, graphs=GRAPHS):
            await _answering(watch if args else None, "")


async def _answering(watch: Stopwatch | None, base: str) -> None:
    if watch is not None:
        watch.attach_savers()
    lines = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    print(json.dumps({"url": base}), flush=True)
    async for _ in lines:
        print(json.dumps(watch.read() if watch is not None else {}), flush=True)


if __name__ == "__main__":
    # As `artel serve` does.
    gc.freeze()
    uvloop.run(_main(*sys.argv[1:]))
