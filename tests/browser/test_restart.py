"""The server goes away under an open page, and comes back."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.fakes.letters import build_letter
from tests.fakes.persons import added
from tests.fakes.served import served

from .conftest import UNDO_S, Desk
from .test_deciding import press, show

pytestmark = [
    pytest.mark.untraced,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session"),
]


async def test_a_restart_under_an_open_page_loses_nothing(
    desk: Desk, chromium: Browser, tmp_path: Path
) -> None:
    settings = {"rate_per_minute": 0, "undo_s": UNDO_S}
    async with served(tmp_path, settings, letter=build_letter) as api:
        await added(api, "maria", ["analyst"], name="Мария Орлова")
        here = Desk(api, api.memory, chromium, desk.faults)
        review_id = await here.letter("restarted", 0.9)
        sitting = here.sitting()
        page = await sitting.__aenter__()
        await show(page, here, review_id)
        await press(page, "KeyE")
    await page.fill("#editor [name=body]", "Написано, пока сервера нет")
    await expect(page.locator("#offline")).to_contain_text("Нет связи")
    await expect(page.locator("#saved")).to_contain_text("только в браузере")
    await page.click("#card [data-key=KeyA]")
    await expect(page.locator("#toasts")).to_contain_text("Не отправлено")
    port = httpx.URL(here.base).port
    async with served(tmp_path, settings, port=port or 0, letter=build_letter) as api:
        await expect(page.locator("#offline")).to_be_hidden()
        await expect(page.locator("#editor [name=body]")).to_have_value("Написано, пока сервера нет")
        await page.click("#card [data-key=KeyA]")
        await expect(page.locator("#toasts")).to_contain_text("Одобрено с вашей правкой")
        await sitting.__aexit__(None, None, None)
