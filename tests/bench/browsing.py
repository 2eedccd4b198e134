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

WARM = 3
DECISIONS = 30
PAINTS = 5
REST_MS = 1_500

# Times are of the wall, which both pages share. marked: when the row says that its decision is on its way;
# shown: when it says what was decided, which only the server knows.
_SHOWN = """(id) => {
    const now = () => performance.timeOrigin + performance.now();
    window.marked = null;
    window.shown = new Promise(done => {
        const look = () => {
            const row = document.getElementById(`row-${id}`);
            if (row.querySelector(".sending")) requestAnimationFrame(() => (window.marked ??= now()));
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
    return window.shown.then(shown => [clicked, window.marked, shown]);
}"""
_SEEN = "() => window.shown"
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
_LOADED = """() => performance.getEntriesByType('resource').filter(it => it.name.includes('/static/'))
    .reduce((sum, it) => sum + it.encodedBodySize, 0)"""


async def browse(desk: Desk) -> list[Row]:
    for number in range(WARM + DECISIONS + 1):
        await _waiting(desk, f"clicked-{number}")
    async with _chromium() as browser:
        painted, loaded = await _first(desk, browser)
        marked, own, others = await _decided(desk, browser)
    return [
        Row("first paint, ms", painted, "under 400"),
        Row("the page's files, kB compressed", loaded / 1000, "under 120"),
        _row("approve: click to the row's mark that it is on its way", marked, ""),
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
    # A window loads pages of the browser's own first; whoever comes to the queue has had theirs open.
    await page.wait_for_timeout(REST_MS)
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


async def _decided(desk: Desk, browser: Browser) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds until whoever approves sees that it is on its way, that it is decided, and until another
    sees that."""
    spent = []
    async with _sitting(desk, browser, "maria") as page, _sitting(desk, browser, "petr") as other:
        for _ in range(WARM + DECISIONS):
            id = await page.get_attribute("#card", "data-id")
            await page.evaluate(_SHOWN, id)
            await other.evaluate(_SHOWN, id)
            clicked, marked, shown = await page.evaluate(_APPROVE)
            spent.append([marked - clicked, shown - clicked, await other.evaluate(_SEEN) - clicked])
            await page.wait_for_function("id => document.querySelector('#card').dataset.id !== id", arg=id)
            await page.wait_for_load_state("networkidle")
    marks, own, others = zip(*spent[WARM:], strict=True)
    return list(marks), list(own), list(others)


def _row(name: str, spent: list[float], demand: str) -> Row:
    worst = statistics.quantiles(spent, n=20)[-1]
    return Row(f"{name}, p50 / p95 ms", f"{statistics.median(spent):.0f} / {worst:.0f}", demand)
