"""The queue in a real Chromium: the first paint, what it loads, and how soon a decision is seen, by whoever
decides and by another."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from playwright.async_api import Browser, Page, async_playwright

from evals.report import Row
from tests.bench.cycles import last_status
from tests.fakes.letters import write_letter

if TYPE_CHECKING:
    from tests.bench.queue import Desk

DECISIONS = 30
PAINTS = 5

# Times are of the wall, which both pages share.
_SHOWN = """(id) => {
    const now = () => performance.timeOrigin + performance.now();
    window.shown = new Promise(done => {
        const look = () => {
            const row = document.getElementById(`row-${id}`);
            if (row.dataset.status === "pending") return;
            watch.disconnect();
            requestAnimationFrame(() => done(now()));
        };
        const watch = new MutationObserver(look);
        watch.observe(document.getElementById("rows"), {childList: true, subtree: true, attributes: true});
    });
}"""
_APPROVE = """() => {
    const clicked = performance.timeOrigin + performance.now();
    document.querySelector("#card .actions [data-key=KeyA]").click();
    return window.shown.then(shown => [clicked, shown]);
}"""
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
_LOADED = """() => performance.getEntriesByType('resource').filter(it => it.name.includes('/static/'))
    .reduce((sum, it) => sum + it.encodedBodySize, 0)"""


async def browse(desk: Desk) -> list[Row]:
    for number in range(DECISIONS + 1):
        await _waiting(desk, f"clicked-{number}")
    async with _chromium() as browser:
        painted, loaded = await _first(desk, browser)
        own, others = await _decided(desk, browser)
    return [
        Row("first paint, ms", painted, "under 400"),
        Row("the page's files, kB compressed", loaded / 1000, "under 120"),
        _row("approve: click to the row on screen", own, "p95 under 50"),
        _row("approve: click to another's screen", others, "under 150"),
    ]


async def _waiting(desk: Desk, name: str) -> None:
    """A letter whose run really waits, before all others in the queue."""
    question = await desk.memory.write(write_letter, name, 1.0)
    body = {"graph": "letter", "thread_id": name, "input": {"question": question}}
    started = await desk.client.post("/api/v1/runs", json=body)
    await last_status(desk.client, started.json()["id"])


@asynccontextmanager
async def _chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        path = shutil.which("chromium")
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def _sitting(desk: Desk, browser: Browser, login: str) -> AsyncIterator[Page]:
    """Somebody before the queue, whose browser has never been there."""
    context = await browser.new_context(locale="ru-RU", viewport={"width": 1440, "height": 900})
    await context.add_cookies(
        [{"name": "artel_session", "value": desk.cookies[login], "url": desk.artel.url}]
    )
    page = await context.new_page()
    await page.goto(f"{desk.artel.url}/queue")
    await page.wait_for_function("() => document.body.dataset.heard === 'yes'")
    yield page
    await context.close()


async def _first(desk: Desk, browser: Browser) -> tuple[float, float]:
    """(milliseconds until the first paint, bytes of files)."""
    painted, loaded = [], 0.0
    for _ in range(PAINTS):
        async with _sitting(desk, browser, "maria") as page:
            painted.append(float(await page.evaluate(_PAINTED)))
            loaded = await page.evaluate(_LOADED)
    return statistics.median(painted), loaded


async def _decided(desk: Desk, browser: Browser) -> tuple[list[float], list[float]]:
    """Milliseconds until whoever approves and until another sees it."""
    own, others = [], []
    async with _sitting(desk, browser, "maria") as page, _sitting(desk, browser, "petr") as other:
        for _ in range(DECISIONS):
            id = await page.get_attribute("#card", "data-id")
            await page.evaluate(_SHOWN, id)
            await other.evaluate(_SHOWN, id)
            clicked, shown = await page.evaluate(_APPROVE)
            own.append(shown - clicked)
            others.append(await other.evaluate("() => window.shown") - clicked)
            await page.wait_for_function("id => document.querySelector('#card').dataset.id !== id", arg=id)
            await page.wait_for_load_state("networkidle")
    return own, others


def _row(name: str, spent: list[float], demand: str) -> Row:
    worst = statistics.quantiles(spent, n=20)[-1]
    return Row(f"{name}, p50 / p95 ms", f"{statistics.median(spent):.0f} / {worst:.0f}", demand)
