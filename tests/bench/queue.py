"""The approval queue with 100,000 reviews that wait: the page, its search, deciding, and open streams.

The page is held against a bare endpoint (tests.bench.bare) by turns of one run. Wall time on a busy machine
says little, so the processor time of the server stands beside it.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from evals.report import Row
from memory.db import Database, Memory
from memory.schema import upgrade
from tests.bench.bare import started as bare_started
from tests.bench.browsing import browse
from tests.bench.children import Child
from tests.bench.databases import Databases, Place
from tests.bench.letters import fill
from tests.bench.processes import Artel, client_of, started
from tests.bench.visits import a_second, times_ms, visiting
from tests.fakes.persons import PASSWORD

PEOPLE = {"maria": "Мария Орлова", "petr": "Пётр Ким"}
VISITS = 100
ROUNDS = 3
CLIENTS = 16
STREAMS = 500
SEARCHED = {
    "a rare word": "ДП7770",
    "a company": "неватехпро альфа",
    "a common word": "партнёрство",
    "a word of most letters": "компания",
    "two letters": "пр",
    "nothing found": "ыыыы",
}


@dataclass(frozen=True)
class Desk:
    """A served queue. cookies: of who has signed in, by login."""

    place: Place
    artel: Artel
    memory: Memory
    client: httpx.AsyncClient
    cookies: Mapping[str, str]

    @property
    def headers(self) -> str:
        return f"Cookie: artel_session={self.cookies['maria']}"


async def run(databases: Databases) -> list[Row]:
    rows: list[Row] = []
    for place in databases.each():
        async with opened(place) as desk, bare_started(place) as bare:
            found = [
                *await _pages(desk, bare),
                *await _searches(desk),
                *await browse(desk),
                *await _streams(desk),
            ]
        rows += [Row(f"{place.backend}: {it.metric}", it.value, it.baseline) for it in found]
    return rows


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator[Desk]:
    await asyncio.to_thread(upgrade, place.url)
    database = Database(place.url)
    await fill(Memory(database))
    async with started("serve", place) as artel, client_of(artel) as client:
        cookies = {login: await _entered(client, login, name) for login, name in PEOPLE.items()}
        yield Desk(place, artel, Memory(database), client, cookies)
    database.close()


async def _entered(client: httpx.AsyncClient, login: str, name: str) -> str:
    """The secret of the session of a new analyst."""
    person = {"login": login, "name": name, "roles": ["analyst"], "password": PASSWORD}
    assert (await client.post("/api/v1/users", json=person)).status_code == 201
    form = {"login": login, "password": PASSWORD, "code": "", "next": "/queue"}
    async with httpx.AsyncClient(base_url=client.base_url) as browser:
        await browser.post("/login", data=form)
        return browser.cookies["artel_session"]


async def _pages(desk: Desk, bare: Child) -> list[Row]:
    mine, theirs = desk.artel.child, bare
    page = (mine, desk.artel.url, desk.headers, "/queue")
    rows = await _alone("the page", *page, "p95 under 15")
    rows += await _alone("a bare endpoint", theirs, theirs.said["url"], "", "/rows", "")
    speeds = [
        (await _many(*page), await _many(theirs, theirs.said["url"], "", "/rows")) for _ in range(ROUNDS)
    ]
    of_wall = statistics.median(ours[0] / bare[0] for ours, bare in speeds)
    of_cpu = statistics.median(bare[1] / ours[1] for ours, bare in speeds)
    told = f"at least 0.5; {of_cpu:.2f} of processor time"
    return [*rows, Row(f"{CLIENTS} clients: page / bare endpoint, requests a second", of_wall, told)]


async def _many(server: Child, url: str, headers: str, path: str) -> tuple[float, float]:
    """Requests a second, and milliseconds of the server's processor time for one."""
    began = server.cpu_s()
    speed = await a_second(url, headers, path, clients=CLIENTS, requests=VISITS // CLIENTS)
    return speed, (server.cpu_s() - began) * 1000 / (VISITS // CLIENTS * CLIENTS)


async def _alone(name: str, server: Child, url: str, headers: str, path: str, demand: str) -> list[Row]:
    async with visiting(url, headers) as visit:
        await times_ms(visit, [path] * 20)
        began = server.cpu_s()
        spent = await times_ms(visit, [path] * VISITS)
        cpu = (server.cpu_s() - began) * 1000 / VISITS
    median, worst = statistics.median(spent), statistics.quantiles(spent, n=20)[-1]
    return [Row(f"{name}, p50 / p95 ms", f"{median:.1f} / {worst:.1f}", f"{demand}; processor {cpu:.1f}")]


async def _searches(desk: Desk) -> list[Row]:
    rows: list[Row] = []
    headers = f"{desk.headers}\r\nHX-Request: true"
    for name, text in SEARCHED.items():
        path = f"/queue?q={quote(text)}"
        server = desk.artel.child
        rows += await _alone(f"search, {name}", server, desk.artel.url, headers, path, "p95 under 50")
    return rows


async def _streams(desk: Desk) -> list[Row]:
    """What the server's memory grows by when so many pages listen."""
    async with AsyncExitStack() as stack:
        before = desk.artel.child.resident_mb()
        for _ in range(STREAMS):
            visit = await stack.enter_async_context(visiting(desk.artel.url, desk.headers))
            await visit.get("/queue/live")
        grown = desk.artel.child.resident_mb() - before
    return [Row(f"{STREAMS} open streams, MB", grown, "under 150")]
