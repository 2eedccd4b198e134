"""What the API says when the machine under it fails: a full disk, a lost database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio

from api.app import create_app
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from tests.fakes.served import GRAPHS, TOKEN


@pytest_asyncio.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(data_dir=tmp_path, token=TOKEN), graphs=GRAPHS) as services:
        yield services


@pytest_asyncio.fixture
async def client(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Of the application itself: the tests reach for the connections under it."""
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost/api/v1", headers=headers
    ) as client:
        yield client


async def test_a_full_disk_is_one_line_and_changes_nothing(
    services: Services, client: httpx.AsyncClient
) -> None:
    # Beside the loop: whoever has begun to write there must be able to end.
    await asyncio.to_thread(fill_disk, services)
    url = "https://feed.test/" + "x" * 1900
    answers = [await client.post("feeds", json={"url": f"{url}{n}"}) for n in range(9)]
    assert answers[-1].status_code == 503
    assert answers[-1].headers["content-type"] == "application/problem+json"
    assert answers[-1].json()["detail"] == (
        "the disk is full, so nothing was changed: free some space and try again"
    )
    kept = [answer for answer in answers if answer.status_code == 201]
    assert len((await client.get("feeds")).json()["items"]) == len(kept)


def fill_disk(services: Services) -> None:
    """SQLite's own limit makes the writer's one connection fail as a full disk does."""
    with services.memory.database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")


async def test_a_lost_database_is_not_ready(services: Services, client: httpx.AsyncClient) -> None:
    await services.memory.write(lambda session: session.connection().exec_driver_sql(LOSE) and None)
    answer = await client.get("http://localhost/readyz")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.json()["detail"].startswith("the database does not answer (no such table: tenant)")
    assert (await client.get("http://localhost/healthz")).status_code == 200


LOSE = "ALTER TABLE tenant RENAME TO lost"
