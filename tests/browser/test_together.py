"""The list in a browser: finding, many at once, what others do meanwhile."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from api.paging import encode
from memory.reviews import Position

from .conftest import Desk, shot
from .test_deciding import press, show, status

pytestmark = [pytest.mark.untraced, pytest.mark.asyncio(loop_scope="session")]

AXE = Path(__file__).parent / "vendor" / "axe.min.js"


async def row(page: Page, review_id: str) -> Any:
    return page.locator(f"#row-{review_id}")


async def test_words_are_found_in_any_form_and_nothing_is_a_state_too(desk: Desk) -> None:
    review_id = await desk.letter("найденное", 0.3)
    async with desk.sitting() as page:
        await press(page, "Slash", ".")
        await page.keyboard.type("найденные партнёрств")
        await expect(page.locator("#rows .row")).to_have_count(1)
        await expect(await row(page, review_id)).to_be_visible()
        await expect(page).to_have_url(re.compile(r"/queue\?q="))
        await expect(page.locator("#q")).to_be_focused()
        await page.fill("#q", "такого слова нет нигде")
        await expect(page.locator("#results")).to_contain_text("Ничего не найдено")
        await page.click("text=Сбросить фильтры")
        await expect(page.locator("#q")).to_have_value("")


async def test_many_at_once_answer_one_by_one_and_are_undone_together(desk: Desk) -> None:
    ids = [await desk.letter(f"many-{number}", 0.8) for number in range(3)]
    async with desk.sitting() as page:
        await page.goto(f"{desk.base}/queue?q=many")
        for review_id in ids:
            await page.check(f"#row-{review_id} input[name=item]")
        await expect(page.locator("#bulk-count")).to_have_text("3")
        # Somebody is faster with one of them, unseen by this page.
        await page.evaluate("() => window.dispatchEvent(new Event('pagehide'))")
        body = {"type": "reject", "reason": "other", "version": 1}
        await desk.api.client.post(f"reviews/{ids[0]}/decide", json=body)
        await page.click("#bulk [value=approve]")
        await expect(page.locator("#toasts")).to_contain_text("Готово: 2. Не применено: 1")
        await expect(page.locator("#bulk-report")).to_contain_text("Письмо many-0 — уже решено")
        await expect(await row(page, ids[1])).to_have_class(re.compile("decided"))
        await press(page, "KeyZ")
        await expect(page.locator("#toasts")).to_contain_text("Отменено: 2")
        assert [await status(desk, id) for id in ids] == ["decided", "pending", "pending"]
        await page.click("#select-none")
        await page.check(f"#row-{ids[1]} input[name=item]")
        await page.click("#select-all")
        await page.click("#bulk .danger")
        await expect(page.locator("#toasts")).to_contain_text("Готово: 2. Не применено: 0")
    assert [await status(desk, id) for id in ids] == ["decided"] * 3


async def test_what_has_no_place_here_is_counted_and_nothing_moves(desk: Desk) -> None:
    ids = [await desk.letter(f"placed-{number}", 0.2) for number in range(2)]
    async with desk.sitting() as page:
        after = encode(Position(0.2, ids[1]))
        await page.goto(f"{desk.base}/queue?q=placed&after={after}&start=2")
        await page.wait_for_function("() => document.body.dataset.heard === 'yes'")
        for number in range(2):
            await desk.letter(f"placed-new-{number}", 0.9)
            await expect(page.locator("#fresh")).to_have_text(f"Новых: {number + 1}")
        await expect(page.locator("#rows .row")).to_have_count(1)
        await page.click("#fresh")
        await expect(page.locator("#rows .row")).to_have_count(4)
        await page.select_option("[name=crm]", "deal")
        await expect(page.locator("#results")).to_contain_text("Ничего не найдено")
        await page.select_option("[name=crm]", "none")
        await expect(page.locator("#rows .row")).to_have_count(4)
        await expect(page).to_have_url(re.compile("crm=none"))


async def test_a_risky_letter_goes_when_two_have_approved_it(desk: Desk) -> None:
    review_id = await desk.letter("risky", 0.9, severity="high")
    async with desk.sitting() as page, desk.sitting("petr") as other:
        await show(page, desk, review_id)
        await expect(page.locator("#banner")).to_contain_text("одобряют двое")
        await press(page, "KeyA")
        await expect(page.locator("#toasts")).to_contain_text("Первое одобрение записано")
        await expect(await row(page, review_id)).to_contain_text("1 из 2")
        await show(page, desk, review_id)
        await expect(page.locator("#card [data-key=KeyA]")).to_have_count(0)
        assert await status(desk, review_id) == "pending"
        await show(other, desk, review_id)
        await expect(other.locator("#banner")).to_contain_text("Первое одобрение: Мария Орлова")
        await shot(other, "second-light")
        await press(other, "KeyA")
        await expect(other.locator("#toasts")).to_contain_text("Одобрено")
        await expect(page.locator("#banner")).to_contain_text("Пётр Ким")
    assert await status(desk, review_id) == "decided"


async def test_what_others_do_appears_by_itself_also_after_a_break(desk: Desk) -> None:
    async with desk.sitting() as page:
        first = await desk.letter("new-first", 0.99)
        await expect(await row(page, first)).to_be_visible()
        await expect(page.locator("#rows .row").first).to_have_attribute("data-id", first)
        await desk.api.client.post(f"reviews/{first}/decide", json={"type": "approve", "version": 1})
        await expect(await row(page, first)).to_have_class(re.compile("decided"))
        await page.context.set_offline(True)
        await expect(page.locator("#offline")).to_contain_text("Нет связи")
        second = await desk.letter("new-second", 0.98)
        await page.context.set_offline(False)
        await expect(page.locator("#offline")).to_be_hidden()
        await expect(await row(page, second)).to_be_visible()
