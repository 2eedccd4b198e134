"""Rare states of a card, in both languages: a deal in conflict, a rewritten letter; on paper, and narrow."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from agents.crm_sync.conflict import question
from api.pages import queue as pages
from memory import drafts, queue, reviews
from memory.db import TenantSession
from memory.models import Review
from memory.rows import change
from tests.fakes.rows import NOW

from .conftest import Desk, shot
from .test_deciding import press, show
from .test_page import axe

pytestmark = [
    pytest.mark.untraced,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session"),
]
OURS = {"stage": "contacted", "value_rub": 2_100_000}
THEIRS = {"stage": "won", "value_rub": 1_900_000}


async def speak(page: Page, lang: str) -> None:
    await page.click(f"button[value={lang}]")
    await expect(page.locator("html")).to_have_attribute("lang", lang)


async def conflict(desk: Desk, name: str) -> str:
    """The id of a review about a deal that both sides changed, on the thread `name`."""
    wanted = {"ours": OURS, "theirs": THEIRS, "wanted": {"title": f"Сделка {name}", "score": 0.6}}
    asked = question(wanted, deal_key=f"{name}-p")
    del asked["action_requests"][0]["args"]["partnership_id"]
    _, review_id = await desk.api.waiting(graph="letter", thread_id=name, input={"question": asked})
    return review_id


def rewritten(session: TenantSession, review_id: str, name: str) -> None:
    """The review shows another version now."""
    first = drafts.get(session, f"{name}-d")
    assert first is not None
    drafts.add_person_version(
        session,
        first,
        subject="Новая тема",
        body="Новый текст.",
        actor="person:petr",
        id=f"{name}-2",
        now=NOW,
    )
    change(session, Review, {"id": review_id}, {"draft_id": f"{name}-2", "draft_version": 2})


async def test_a_deal_in_conflict_is_settled_field_by_field(desk: Desk) -> None:
    review_id = await conflict(desk, "conflict")
    async with desk.sitting() as page:
        await show(page, desk, review_id)
        for lang, amount in (("en", "2,100,000"), ("ru", "2\N{NO-BREAK SPACE}100\N{NO-BREAK SPACE}000")):
            await speak(page, lang)
            await expect(page.locator("table.conflict")).to_contain_text(amount)
            await shot(page, f"crm-conflict-{lang}")
            assert await axe(page) == []
        await page.check("[name='field:stage'][value=theirs]")
        await press(page, "KeyA")
        await expect(page.locator("#toasts")).to_contain_text("Записано. CRM изменится через")
    decision = await desk.memory.read(reviews.decision_of, review_id)
    assert decision is not None and decision.type == "edit"


async def test_a_letter_that_was_rewritten_meanwhile_stands_beside_ones_own(desk: Desk) -> None:
    async with desk.sitting() as page:
        for lang in ("en", "ru"):
            review_id = await desk.letter(f"stale-{lang}", 0.9)
            await speak(page, lang)
            await show(page, desk, review_id)
            await press(page, "KeyE")
            await page.fill("#editor [name=body]", "Мой текст.")
            await desk.memory.write(rewritten, review_id, f"stale-{lang}")
            async with page.expect_response("**/decide") as told:
                await page.click("#card [data-key=KeyA]")
            answer = await told.value
            text = await answer.text()
            assert (answer.status, "Мой текст." in text, "Новый текст." in text) == (409, True, True)
            await expect(page.locator("#banner .both > div")).to_have_text(
                [re.compile("Мой текст"), re.compile("Новый текст")]
            )
            await expect(page.locator("#editor [name=body]")).to_have_value("Мой текст.")
            await shot(page, f"stale-{lang}")
            assert await axe(page) == []
            assert await desk.memory.read(reviews.decision_of, review_id) is None


async def test_on_paper_there_is_the_card_alone_and_the_whole_letter(desk: Desk) -> None:
    review_id = await desk.letter("printed", 0.9)
    async with desk.sitting(color_scheme="dark") as page:
        await show(page, desk, review_id)
        await press(page, "KeyE")
        await page.fill("#editor [name=body]", "Не дописано")
        await page.emulate_media(media="print")
        await expect(page.locator("#card-title")).to_be_visible()
        await expect(page.locator("#reader")).to_contain_text("Альфа открыла API. Давайте обсудим.")
        await expect(page.locator("#reader")).to_be_visible()
        shown = (
            "(selector) => [...document.querySelectorAll(selector)].filter(it => it.checkVisibility()).length"
        )
        assert await page.evaluate(shown, "button, input, textarea, select, .top, .list-pane, dialog") == 0
        pane = await page.eval_on_selector("#card-pane", "it => [it.scrollHeight, it.clientHeight]")
        assert pane[0] <= pane[1]
        assert (
            await page.evaluate("() => getComputedStyle(document.body).backgroundColor")
            == "rgb(255, 255, 255)"
        )
        await shot(page, "print")


async def test_at_1100_the_card_stacks_and_nothing_is_cut_off(desk: Desk) -> None:
    review_id = await desk.letter("narrow" + "-and-long" * 6, 0.9, severity="medium")
    async with desk.sitting(viewport={"width": 1100, "height": 800}) as page:
        await show(page, desk, review_id)
        for lang in ("ru", "en"):
            await speak(page, lang)
            places = [
                page.locator(it) for it in (".letter", ".side > :first-child", ".companies", "#comments")
            ]
            boxes = [await place.bounding_box() for place in places]
            tops, lefts = [box["y"] for box in boxes if box], {round(box["x"]) for box in boxes if box}
            assert tops == sorted(tops) and len(tops) == len(places) and len(lefts) == 1
            assert await page.evaluate("() => document.documentElement.scrollWidth") <= 1100
            assert await page.eval_on_selector("#card-pane", "it => it.scrollWidth <= it.clientWidth")
            await expect(page.locator(".list-pane")).to_be_visible()
            assert await page.eval_on_selector("#results", "it => it.scrollWidth <= it.clientWidth")
            await shot(page, f"card-1100-{lang}")
            assert await axe(page) == []


async def test_on_a_telephone_a_card_opens_at_its_beginning(desk: Desk) -> None:
    ids = [await desk.letter(f"phone-{number}", 0.9) for number in range(2)]
    async with desk.sitting(viewport={"width": 390, "height": 500}, has_touch=True) as page:
        await page.locator(f"#row-{ids[0]} .row-link").scroll_into_view_if_needed()
        assert await page.evaluate("() => scrollY") > 0
        await page.click(f"#row-{ids[0]} .row-link")
        await expect(page.locator("#card")).to_have_attribute("data-id", ids[0])
        assert await page.evaluate("() => scrollY") == 0
        await page.evaluate("() => scrollTo(0, 200)")
        await desk.api.client.post(f"reviews/{ids[0]}/decide", json={"type": "approve", "version": 1})
        await expect(page.locator("#card")).to_have_attribute("data-status", "decided")
        assert await page.evaluate("() => scrollY") == 200


async def test_more_than_are_counted_are_said_as_the_list_says_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await desk.letter(f"count-{number}", 0.9)
    for module, most in ((queue, "COUNTED"), (pages, "COUNTED"), (pages, "MOST")):
        monkeypatch.setattr(module, most, 2)
    async with desk.sitting() as page:
        for lang, more, said in (
            ("en", "more than 2", "at most 2 at once"),
            ("ru", "более 2", "за один раз — не больше 2, сначала новые"),
        ):
            await speak(page, lang)
            await expect(page.locator("#range")).to_contain_text("из более чем 2" if lang == "ru" else more)
            await page.check("#rows input[name=item] >> nth=0")
            await page.click("#select-all")
            await expect(page.locator("#bulk-count")).to_have_text(more)
            await expect(page.locator("#bulk-most")).to_contain_text(said)
            await shot(page, f"bulk-{lang}")
        await page.click("#select-none")
        await expect(page.locator("#bulk")).to_be_hidden()
