"""A stream outlives its server: who comes again with the number of the last frame misses nothing."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.house import House, house
from tests.fakes.postgres import fresh_database
from tests.fakes.server import NODES
from tests.fakes.wire import HEADERS

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
    numbers = [frame.id for frame in seen]
    assert numbers == sorted({*numbers})
    assert updated(seen) == list(NODES)
    assert [frame.data["attempt"] for frame in seen if frame.event == "metadata"] == [1, 2]
    assert (tmp_path / "passed").read_text().split() == list(NODES)
    # Only the node in which the server went is executed again.
    assert Counter((tmp_path / "begun").read_text().split()) == {**dict.fromkeys(NODES, 1), "n3": 2}


@pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
async def test_who_listens_to_a_run_hears_from_the_next_server_what_they_missed(
    url: str, tmp_path: Path
) -> None:
    """The native stream: nodes that ended between the two connections are told, each of them once."""
    async with visited(url, tmp_path) as (server, client):
        run = (await client.post("/api/v1/runs", json={"graph": "gated"})).json()
        path = f"/api/v1/runs/{run['id']}/events"
        async with client.stream("GET", path) as answer:
            coming = frames(answer)
            assert (await anext(coming)).data["status"] == "running"
            server.let("n1")
            seen = [await anext(coming)]
        server.let("n2", "n3")
        async with client.stream("GET", path, headers={"Last-Event-ID": "-1"}) as answer:
            async with asyncio.timeout(PATIENCE_S):
                coming = frames(answer)
                while (await anext(coming)).data != {"node": "n3"}:
                    pass
            await server.end(signal.SIGKILL)
            assert [frame async for frame in coming] == []
        await server.start()
        last = {"Last-Event-ID": str(seen[-1].id)}
        async with client.stream("GET", path, headers=last) as answer:
            server.let(*NODES)
            rest = [frame async for frame in frames(answer)]
        # Also when the run has ended.
        async with client.stream("GET", path, headers=last) as answer:
            again = [frame async for frame in frames(answer)]
    seen += [frame for frame in rest if frame.event == "node"]
    assert [(frame.id, frame.data["node"]) for frame in seen] == [*enumerate(NODES, 1)]
    assert rest[-1] == Frame(len(NODES), "status", {"status": "done", "error": None})
    assert again == [*seen[1:], rest[-1]]
