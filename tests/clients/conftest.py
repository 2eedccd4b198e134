"""A page on which LangGraph's own client for browsers stands, at an origin that is not the server's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route

from tests.fakes.chromium import launched
from tests.fakes.served import TOKEN
from tests.fakes.wire import Wire, build_chatting, holding, wired

BUNDLE = Path(__file__).parent / "vendor" / "bundle.js"
BODY = '<!doctype html><meta charset="utf-8"><body></body><script src="/bundle.js"></script>'
ORIGIN = "http://client.test"
# Else Chromium asks whether a page of another machine may speak to this one.
ANY_HOST = "--disable-features=LocalNetworkAccessChecks"
Opened = Callable[[str], Awaitable[Page]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with launched(ANY_HOST) as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def held() -> asyncio.Event:
    return asyncio.Event()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def wire(tmp_path_factory: pytest.TempPathFactory, held: asyncio.Event) -> AsyncIterator[Wire]:
    graphs = {"chatting": build_chatting, "holding": holding(held)}
    async with wired(tmp_path_factory.mktemp("wire"), origin=ORIGIN, **graphs) as found:
        yield found
        held.set()


@pytest_asyncio.fixture(loop_scope="session")
async def opened(chromium: Browser, wire: Wire) -> AsyncIterator[Opened]:
    """Opens the page for the threads of a graph. Nothing may break in its script."""
    faults: list[str] = []
    page = await chromium.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.route(f"{ORIGIN}/**", _serve)

    async def open_for(graph: str) -> Page:
        place = {"apiUrl": wire.url, "apiKey": TOKEN, "assistantId": graph}
        await page.goto(f"{ORIGIN}/?{urlencode(place)}")
        return page

    yield open_for
    await page.close()
    assert faults == []


async def _serve(route: Route) -> None:
    if route.request.url.endswith("/bundle.js"):
        await route.fulfill(path=BUNDLE, content_type="text/javascript")
    else:
        await route.fulfill(body=BODY, content_type="text/html")
