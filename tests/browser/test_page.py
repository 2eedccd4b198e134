"""The page by itself, whichever database it stands on: writing, talking, languages, accessibility."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from memory import desk as left
from memory import drafts, reviews
from tests.fakes.persons import PASSWORD, added

from .conftest import Desk, shot
from .test_deciding import press, show

pytestmark = [
    pytest.mark.untraced,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session"),
]

AXE = Path(__file__).parent / "vendor" / "axe.min.js"


async def test_an_edit_outlives_a_reload_shows_its_words_and_is_sent(desk: Desk) -> None:
    review_id = await desk.letter("edited", 0.9)
    async with desk.sitting() as page:
        await show(page, desk, review_id)
        await press(page, "KeyE", "у")
        body = page.locator("#editor [name=body]")
        await body.fill("Альфа открыла API. Лучше обсудим <b>созвон</b>.")
        await expect(page.locator("#saved")).to_have_text("Черновик сохранён")
        await page.reload()
        await expect(body).to_have_value("Альфа открыла API. Лучше обсудим <b>созвон</b>.")
        await press(page, "KeyD", "в")
        await expect(page.locator("#diff del")).to_have_text(["Давайте"])
        await expect(page.locator("#diff ins").first).to_have_text("Лучше")
        await body.focus()
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#toasts")).to_contain_text("Одобрено с вашей правкой")
    versions = await desk.memory.read(drafts.versions, "edited")
    assert [(one.version, one.author) for one in versions] == [(1, "offline"), (2, "person:maria")]
    assert "<b>созвон</b>" in versions[-1].body


async def test_a_remark_is_asked_for_and_a_subject_too(desk: Desk) -> None:
    review_id = await desk.letter("remarked", 0.9)
    async with desk.sitting() as page:
        await show(page, desk, review_id)
        await press(page, "KeyE")
        await page.fill("#editor [name=subject]", " ")
        await page.click("#card [data-key=KeyA]")
        await expect(page.locator("#banner")).to_contain_text("У письма нет темы")
        await expect(page.locator("#editor")).to_be_visible()
        await press(page, "KeyW")
        await page.click("#rewrite .primary")
        await expect(page.locator("#rewrite [role=alert]")).to_contain_text("Напишите, что исправить")
        await page.eval_on_selector("#rewrite textarea", "area => (area.value = 'ж'.repeat(100_000))")
        await page.click("#rewrite .primary")
        await expect(page.locator("#rewrite [role=alert]")).to_contain_text("не больше 4000 знаков")
        assert len(await page.input_value("#rewrite textarea")) == 100_000
        await page.fill("#rewrite textarea", "")
        await page.click("#rewrite .chip-button >> nth=0")
        await page.click("#rewrite .primary")
        await expect(page.locator("#toasts")).to_contain_text("Отдано на доработку")
    decision = await desk.memory.read(reviews.decision_of, review_id)
    assert decision is not None and (decision.type, decision.message) == ("respond", "Короче")


async def test_whoever_is_signed_out_in_the_middle_of_an_edit_loses_nothing(desk: Desk) -> None:
    review_id = await desk.letter("expired", 0.9)
    async with desk.sitting() as page:
        await show(page, desk, review_id)
        await press(page, "KeyE")
        await page.fill("#editor [name=body]", "Написано до конца сессии")
        await page.context.clear_cookies()
        await page.click("#card [data-key=KeyA]")
        await expect(page.locator("#toasts")).to_contain_text("Вы вышли")
        door = page.locator("#signin")
        await door.locator("[name=login]").fill("maria")
        await door.locator("[name=password]").fill("wrong")
        await door.locator(".primary").click()
        await expect(door.locator("[role=alert]")).to_contain_text("Неверный логин или пароль")
        await shot(page, "signed-out-light")
        assert await axe(page) == []
        await door.locator("[name=password]").fill(PASSWORD)
        await door.locator(".primary").click()
        await expect(page.locator("#toasts")).to_contain_text("Вы снова вошли")
        await page.click("#card [data-key=KeyA]")
        await expect(page.locator("#toasts")).to_contain_text("Одобрено с вашей правкой")
    versions = await desk.memory.read(drafts.versions, "expired")
    assert versions[-1].body == "Написано до конца сессии"


async def test_who_is_disabled_looks_at_nothing_any_more(desk: Desk) -> None:
    review_id = await desk.letter("left", 0.9)
    await added(desk.api, "gone", ["analyst"], name="Анна Ли")
    async with desk.sitting() as page, desk.sitting("gone") as other:
        await show(page, desk, review_id)
        await show(other, desk, review_id)
        await expect(page.locator("#banner")).to_contain_text("Сейчас смотрит: Анна Ли")
        users = (await desk.api.client.get("users")).json()["items"]
        [user_id] = [user["id"] for user in users if user["login"] == "gone"]
        changed = await desk.api.client.patch(f"users/{user_id}", json={"disabled": True})
        assert changed.status_code == 200, changed.text
        await expect(page.locator("#banner")).not_to_contain_text("Анна Ли")


async def test_a_comment_calls_a_colleague_and_a_view_is_kept(desk: Desk) -> None:
    review_id = await desk.letter("talked", 0.7)
    async with desk.sitting() as page, desk.sitting("petr") as other:
        await show(page, desk, review_id)
        await show(other, desk, review_id)
        await page.fill("#comments textarea", "@petr посмотри <script>alert(1)</script>")
        await page.click("#comments button")
        await expect(other.locator("#comments .for-me")).to_contain_text("<script>alert(1)</script>")
        await page.goto(f"{desk.base}/queue?kind=outreach&sort=newest")
        await page.click("[data-open=save-view]")
        await page.fill("#save-view [name=name]", "Свежие письма")
        await page.click("#save-view .primary")
        await page.click("text=Свежие письма")
        await expect(page).to_have_url(re.compile(r"/queue\?kind=outreach&sort=newest$"))
    [comment] = await desk.memory.read(left.comments, review_id)
    assert (comment.actor, comment.mentions) == ("person:maria", ["petr"])


@pytest.mark.parametrize(
    "looks",
    [
        {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
        {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True},
    ],
    ids=["desktop-light", "mobile-dark"],
)
async def test_axe_finds_nothing_on_any_state(desk: Desk, looks: dict[str, Any]) -> None:
    review_id = await desk.letter(f"axe-{looks['color_scheme']}", 0.9)
    found: dict[str, Any] = {}
    dressed = looks["color_scheme"]

    async def look(state: str) -> None:
        await shot(page, f"{state}-{dressed}")
        found[state] = await axe(page)

    async with desk.sitting(**looks) as page:
        await look("list")
        await show(page, desk, review_id)
        await look("card")
        for state, opener in (("reject", "KeyR"), ("rewrite", "KeyW")):
            await press(page, opener)
            await look(state)
            await page.keyboard.press("Escape")
        await press(page, "KeyE")
        await page.fill("#editor [name=body]", "Другое")
        await press(page, "KeyD")
        await expect(page.locator("#diff ins").first).to_be_visible()
        await look("diff")
        body = {"type": "approve", "version": 1}
        await desk.api.client.post(f"reviews/{review_id}/decide", json=body)
        await expect(page.locator("#banner [role=alert]")).to_be_visible()
        await look("conflict")
        await page.goto(f"{desk.base}/queue?q=%D1%8B%D1%8B%D1%8B")
        await look("empty")
        await page.goto(f"{desk.base}/queue?id=none")
        await look("missing")
        await page.context.clear_cookies()
        await page.goto(f"{desk.base}/queue")
        await look("door")
    assert {state: it for state, it in found.items() if it} == {}


async def test_the_page_speaks_english_too(desk: Desk) -> None:
    async with desk.sitting() as page:
        await page.click("button[value=en]")
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await expect(page.locator(".top")).to_contain_text("Queue")
        await expect(page.locator("body")).not_to_contain_text("Одобрить")


async def axe(page: Page) -> list[str]:
    """Each fault as `rule: the first place`."""
    await page.evaluate(AXE.read_text())
    answer = await page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [f"{it['id']}: {it['nodes'][0]['html'][:160]}" for it in answer["violations"]]
