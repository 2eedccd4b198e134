"""Four people decide on each of two hundred questions at the same instant, over HTTP: one of them wins."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.house import House, house
from tests.fakes.postgres import fresh_postgres
from tests.fakes.wire import HEADERS

REVIEWS = 200
PATIENCE_S = 120
DECISIONS: dict[str, dict[str, Any]] = {
    "anna": {"type": "approve", "version": 1},
    "boris": {"type": "reject", "reason": "other"},
    "clara": {"type": "approve", "version": 1},
    "denis": {"type": "reject", "reason": "other"},
}


@asynccontextmanager
async def people(server: House) -> AsyncIterator[list[httpx.AsyncClient]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=f"{server.base}/api/v1", headers={**HEADERS, "X-Actor": name}, timeout=PATIENCE_S
                )
            )
            for name in DECISIONS
        ]


async def asked(client: httpx.AsyncClient) -> list[str]:
    """The reviews of so many new runs."""
    starting = (client.post("runs", json={"graph": "deciding"}) for _ in range(REVIEWS))
    assert {answer.status_code for answer in await asyncio.gather(*starting)} == {201}
    async with asyncio.timeout(PATIENCE_S):
        while True:
            pending = (await client.get("reviews", params={"limit": 200})).json()["items"]
            if len(pending) == REVIEWS:
                return [review["id"] for review in pending]
            await asyncio.sleep(0.2)


async def decided(clients: Sequence[httpx.AsyncClient], review_id: str) -> list[httpx.Response]:
    """All four at once, and nothing else: decisions on other reviews would come between them."""
    both = zip(clients, DECISIONS.values(), strict=True)
    return await asyncio.gather(*(client.post(f"reviews/{review_id}/decide", json=it) for client, it in both))


async def at_rest(client: httpx.AsyncClient) -> None:
    """Until no run is queued or running."""
    active: Any = {"status": ["queued", "running"], "limit": 1}
    async with asyncio.timeout(PATIENCE_S):
        while (await client.get("runs", params=active)).json()["items"]:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def test_one_of_four_wins_each_time(postgres_server: str, tmp_path: Path) -> None:
    with fresh_postgres(postgres_server) as url:
        async with house(url, tmp_path) as server, people(server) as clients:
            reviews = await asked(clients[0])
            answers = [answer for id in reviews for answer in await decided(clients, id)]
            await at_rest(clients[0])
            done: Any = {"status": "done", "limit": 200, "graph": "deciding"}
            ended = (await clients[0].get("runs", params=done)).json()["items"]
    assert Counter(answer.status_code for answer in answers) == {200: REVIEWS, 409: 3 * REVIEWS}
    approved = 0
    for number in range(REVIEWS):
        four = answers[4 * number : 4 * number + 4]
        [winner] = [answer.json()["decision"] for answer in four if answer.status_code == 200]
        lost = {(it.json()["decided_by"], it.json()["decision"]) for it in four if it.status_code == 409}
        assert lost == {(winner["actor"], winner["type"])}
        approved += winner["type"] == "approve"
    sent = (tmp_path / "sent").read_text().split()
    assert len(set(sent)) == len(sent) == approved > 0
    assert len(ended) == 200
