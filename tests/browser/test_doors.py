"""The pages before one has come in: an invitation, the second factor, what is wrong said in its place."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.fakes.persons import PASSWORD

from .conftest import Desk, shot
from .test_page import axe
from .test_states import speak

pytestmark = [
    pytest.mark.untraced,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session"),
]


async def test_an_invitation_is_taken_in_place_and_keeps_what_was_typed(desk: Desk) -> None:
    made = await desk.api.client.post("invitations", json={"roles": ["analyst"]})
    context = await desk.browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = await desk.opened(context)
    await page.goto(f"{desk.base}{made.json()['path']}")
    await speak(page, "en")
    await expect(page.locator("h1")).to_have_text("A new account")
    await shot(page, "invite-en-dark")
    assert await axe(page) == []
    await speak(page, "ru")
    await page.fill("[name=login]", "maria")
    await page.fill("[name=name]", "Анна <b>Ли</b>")
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.primary")
    await expect(page.locator("[role=alert]")).to_contain_text("Такой логин уже занят")
    await expect(page.locator("[name=name]")).to_have_value("Анна <b>Ли</b>")
    await shot(page, "invite-ru-dark")
    assert await axe(page) == []
    await page.fill("[name=login]", "anna-li")
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.primary")
    await expect(page.locator("#rows")).to_be_attached()
    await page.goto(f"{desk.base}{made.json()['path']}")
    await page.fill("[name=login]", "again")
    await page.fill("[name=name]", "Ещё раз")
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.primary")
    await expect(page.locator("h1")).to_contain_text("Приглашение уже использовано")
    await context.close()


async def test_a_wrong_code_is_said_in_its_place(desk: Desk) -> None:
    async with desk.sitting() as page:
        await page.goto(f"{desk.base}/login/code")
        await expect(page.locator("h1")).to_have_text("Второй фактор")
        await page.fill("[name=code]", "000000")
        await page.click("button.primary")
        await expect(page.locator("[role=alert]")).to_contain_text("Код не подошёл")
        await shot(page, "code-ru")
        assert await axe(page) == []
        await speak(page, "en")
        await expect(page.locator("h1")).to_have_text("The second factor")
        await shot(page, "code-en")
        assert await axe(page) == []
