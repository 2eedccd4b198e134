"""A stream outlives its server: who comes again with the number of the last frame misses nothing."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.house import House, house
from tests.fakes.postgres import fresh_database, postgres_server
from tests.fakes.server import NODES
from tests.fakes.wire import HEADERS

__all__ = ["postgres_server"]

PATIENCE_S = 60


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh_database(request.param, request, tmp_path) as url:
        yield url


@dataclass(frozen=True)
class Frame:
    id: int
    event: str
    data: Any


@asynccontextmanager
async def visited(url: str, folder: Path) -> AsyncIterator[tuple[House, httpx.AsyncClient]]:
    async with (
        house(url, folder) as served,
        httpx.AsyncClient(base_url=served.base, headers=HEADERS, timeout=PATIENCE_S) as client,
    ):
        yield served, client


async def frames(answer: httpx.Response) -> AsyncIterator[Frame]:
    """What comes, until the server ends it or dies."""
    fields: dict[str, str] = {}
    try:
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if line and name:
                fields[name] = value
            elif "event" in fields:
                yield Frame(int(fields.get("id", 0)), fields["event"], json.loads(fields["data"]))
                fields = {}
    except httpx.TransportError:
        return


async def until(coming: AsyncIterator[Frame], node: str) -> list[Frame]:
    """The frames up to the one in which the node says that it begins."""
    seen = []
    async with asyncio.timeout(PATIENCE_S):
        async for frame in coming:
            seen.append(frame)
            if frame.event == "custom" and frame.data == {"begins": node}:
                return seen
    raise AssertionError(f"{node} did not begin: {seen}")


def updated(seen: Sequence[Frame]) -> list[str]:
    return [name for frame in seen if frame.event == "updates" for name in frame.data]


@pytest.mark.parametrize(
    ("url", "number"),
    [("sqlite", signal.SIGKILL), ("sqlite", signal.SIGTERM), ("postgresql", signal.SIGKILL)],
    indirect=["url"],
)
async def test_a_stream_goes_on_after_a_restart(url: str, tmp_path: Path, number: signal.Signals) -> None:
    body = {
        "assistant_id": "gated",
        "input": {},
        "stream_mode": ["updates", "custom"],
        "stream_resumable": True,
        "if_not_exists": "create",
    }
    async with visited(url, tmp_path) as (server, client):
        async with client.stream("POST", "/langgraph/threads/t/runs/stream", json=body) as answer:
            location = answer.headers["location"]
            coming = frames(answer)
            seen = await until(coming, "n1")
            server.let("n1", "n2")
            seen += await until(coming, "n3")
            await server.end(number)
            seen += [frame async for frame in coming]
        await server.start()
        path = f"/langgraph{location}"
        last = {"Last-Event-ID": str(seen[-1].id)}
        async with client.stream("GET", path, headers=last) as answer:
            coming = frames(answer)
            seen += await until(coming, "n3")
            # It drops off once more, in the middle, and comes again while the server stays.
        server.let(*NODES)
        last = {"Last-Event-ID": str(seen[-1].id)}
        async with client.stream("GET", path, headers=last) as answer:
            seen += [frame async for frame in frames(answer)]
        async with client.stream("GET", path, headers={"Last-Event-ID": "-1"}) as answer:
            assert [frame async for frame in frames(answer)] == seen
    assert [frame.id for frame in seen] == list(range(1, len(seen) + 1))
    assert updated(seen) == list(NODES)
    assert [frame.data["attempt"] for frame in seen if frame.event == "metadata"] == [1, 2]
    assert (tmp_path / "passed").read_text().split() == list(NODES)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_who_listens_to_a_run_hears_its_end_from_the_next_server(url: str, tmp_path: Path) -> None:
    """The native stream tells how a run stands: whoever comes again is told that first, and then the rest."""
    async with visited(url, tmp_path) as (server, client):
        run = (await client.post("/api/v1/runs", json={"graph": "gated"})).json()
        path = f"/api/v1/runs/{run['id']}/events"
        async with client.stream("GET", path) as answer:
            coming = frames(answer)
            assert (await anext(coming)).data["status"] == "running"
            server.let("n1")
            assert (await anext(coming)).data == {"node": "n1"}
            await server.end(signal.SIGKILL)
            assert [frame async for frame in coming] == []
        await server.start()
        async with client.stream("GET", path) as answer:
            coming = frames(answer)
            first = await anext(coming)
            assert first.data["status"] in ("queued", "running")
            server.let(*NODES)
            rest = [frame async for frame in coming]
        assert rest[-1].data == {"status": "done", "error": None}
        assert [frame.data["node"] for frame in rest if frame.event == "node"] == list(NODES[1:])
