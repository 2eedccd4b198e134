"""A real Chromium: the machine's, else the one that Playwright brings."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright, expect

# What should be seen is waited for as long as a busy machine needs: it is speed's bench that hurries.
expect.set_options(timeout=20_000)


@asynccontextmanager
async def launched(*args: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", *args]
        )
        yield browser
        await browser.close()
