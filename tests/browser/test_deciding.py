"""Deciding in a browser: keys, edits, undo, conflicts. Each name is a sentence about the page."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, expect

from memory import reviews
from tests.integration.test_api_reviews import settled

from .conftest import UNDO_S, Desk

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def press(page: Page, code: str, letter: str = "") -> None:
    """A key by its place, with the letter that the Russian layout has there."""
    made = {"code": code, "key": letter or code[-1].lower(), "bubbles": True, "cancelable": True}
    await page.evaluate("event => document.body.dispatchEvent(new KeyboardEvent('keydown', event))", made)


async def show(page: Page, desk: Desk, review_id: str) -> None:
    await page.goto(f"{desk.base}/queue?id={review_id}")
    await expect(page.locator("#card")).to_have_attribute("data-id", review_id)
    await page.wait_for_function("() => document.body.dataset.heard === 'yes'")


async def status(desk: Desk, review_id: str) -> str:
    review = await desk.memory.read(reviews.get, review_id)
    assert review is not None
    return review.status


async def run_of(desk: Desk, thread: str) -> dict[str, str]:
    """The newest run of the thread."""
    page = (await desk.api.client.get("runs", params={"thread_id": thread})).json()
    newest: dict[str, str] = page["items"][0]
    return newest


async def test_a_decision_by_a_russian_key_can_be_undone_until_its_run_begins(
    desk: Desk,
) -> None:
    review_id = await desk.letter("keyed", 0.91)
    async with desk.sitting() as page:
        await show(page, desk, review_id)
        await press(page, "KeyA", "ф")
        toast = page.locator("#toasts .toast")
        await expect(toast).to_contain_text(f"Одобрено. Письмо уйдёт через {UNDO_S}")
        await expect(page.locator(f"#row-{review_id}")).to_have_class(re.compile("decided"))
        assert (await run_of(desk, "keyed"))["status"] == "queued"
        await press(page, "KeyZ", "я")
        await expect(toast).to_contain_text("снова ждёт решения")
        await expect(page.locator(f"#row-{review_id}")).to_have_class(re.compile("pending"))
        assert await status(desk, review_id) == "pending"
        assert (await run_of(desk, "keyed"))["status"] == "cancelled"
        await press(page, "KeyA", "ф")
        await expect(page.locator(f"#row-{review_id}")).to_have_class(re.compile("decided"))
        ended = await settled(desk.api, (await run_of(desk, "keyed"))["id"])
        assert (ended["status"], ended["result"]["decision"]) == ("done", {"type": "approve"})
        # Whoever kept the page still for so long presses a key that is no longer good.
        await page.evaluate("id => void htmx.ajax('POST', `/queue/${id}/undo`, '#toasts')", review_id)
        await expect(page.locator("#toasts")).to_contain_text("Время отмены вышло: письмо уже отправлено")
    assert await status(desk, review_id) == "decided"


async def test_a_row_says_at_once_that_its_decision_is_on_its_way_and_no_longer_when_it_is_not(
    desk: Desk,
) -> None:
    review_id = await desk.letter("sent", 0.92)
    asked: asyncio.Queue[Route] = asyncio.Queue()
    async with desk.sitting() as page:
        await show(page, desk, review_id)
        await page.route("**/decide", asked.put)
        await press(page, "KeyA")
        row = page.locator(f"#row-{review_id}")
        await expect(row).to_contain_text("Записываем решение…")
        await expect(row).to_have_class(re.compile("pending"))
        await (await asked.get()).abort()
        await expect(page.locator("#toasts")).to_contain_text("Не отправлено: нет связи")
        await expect(row).not_to_contain_text("Записываем")
    assert await status(desk, review_id) == "pending"


async def test_of_two_who_decide_at_once_one_wins_and_the_other_keeps_the_text(desk: Desk) -> None:
    review_id = await desk.letter("raced", 0.9)
    async with desk.sitting() as page, desk.sitting("petr") as other:
        await show(page, desk, review_id)
        await press(page, "KeyE")
        await page.fill("#editor [name=body]", "Мой текст")
        await show(other, desk, review_id)
        await expect(other.locator("#banner")).to_contain_text("Сейчас смотрит: Мария Орлова")
        await press(other, "KeyR")
        await press(other, "Digit3")
        await expect(other.locator("#toasts")).to_contain_text("Отклонено")
        conflict = page.locator("#banner [role=alert]")
        await expect(conflict).to_contain_text("Уже решено: Пётр Ким — отклонено. Ваши правки не потеряны")
        await page.click("#card [data-key=KeyA]")
        await expect(conflict).to_contain_text("Уже решено: Пётр Ким")
        await expect(page.locator("#editor [name=body]")).to_have_value("Мой текст")
    decision = await desk.memory.read(reviews.decision_of, review_id)
    assert decision is not None and (decision.actor, decision.reason) == ("person:petr", "competitor")
