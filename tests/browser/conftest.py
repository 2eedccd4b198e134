"""A real Chromium before the real server, on both databases: a desk at which people of a test sit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from memory.db import Database, Memory
from tests.fakes.chromium import launched
from tests.fakes.letters import build_letter, write_letter
from tests.fakes.persons import PASSWORD, added
from tests.fakes.postgres import fresh_database
from tests.fakes.served import Api, served

# Long enough to undo, short enough to wait for.
UNDO_S = 5
SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
PEOPLE = {"maria": "Мария Орлова", "petr": "Пётр Ким"}


@dataclass
class Desk:
    """Browsers of several people over one server. `faults`: what pages complained of, or asked of others."""

    api: Api
    memory: Memory
    browser: Browser
    faults: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return str(self.api.client.base_url).removesuffix("/api/v1/")

    async def letter(self, name: str, score: float = 0.5, severity: str | None = None) -> str:
        """The id of a review that waits for a decision on the letter of the thread `name`."""
        question = await self.memory.write(write_letter, name, score, severity)
        _, review_id = await self.api.waiting(graph="letter", thread_id=name, input={"question": question})
        return review_id

    @asynccontextmanager
    async def sitting(self, login: str = "maria", **options: Any) -> AsyncIterator[Page]:
        """Somebody who has signed in, before the queue."""
        context = await self.browser.new_context(
            locale="ru-RU", **{"viewport": {"width": 1440, "height": 900}, **options}
        )
        page = await self.opened(context)
        await page.goto(f"{self.base}/queue")
        await enter(page, login)
        yield page
        await context.close()

    async def opened(self, context: BrowserContext) -> Page:
        page = await context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self._heard(said.text))
        page.on("request", lambda request: self._asked(request.url))
        return page

    def _heard(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.faults.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.base, "data:")):
            self.faults.append(f"a request left the host: {url}")


async def enter(page: Page, login: str) -> None:
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.primary")
    await page.wait_for_selector("#rows", state="attached")
    await page.wait_for_function("() => document.body.dataset.heard === 'yes'")


async def shot(page: Page, name: str) -> None:
    """A picture of the page that people can look at after the tests: build/screenshots/<name>.png."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SHOTS / f"{name}.png")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with fresh_database(request.param, request, tmp_path_factory.mktemp("desk")) as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def desk(
    chromium: Browser, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("served")
    settings = {"database_url": database_url, "undo_s": UNDO_S, "rate_per_minute": 0, "second_review": "high"}
    async with served(folder, settings, letter=build_letter) as api:
        for login, name in PEOPLE.items():
            await added(api, login, ["analyst"], name=name)
        database = Database(database_url)
        yield Desk(api, Memory(database), chromium)
        database.close()


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def faultless(desk: Desk) -> AsyncIterator[None]:
    """No page breaks its own policy, fails in its script, or asks anything of another host."""
    desk.faults.clear()
    yield
    assert desk.faults == []
