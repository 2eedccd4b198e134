"""What agent-chat-ui does, by LangGraph's `useStream` in a browser: talk, be asked, go back, come again."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import expect

from tests.fakes.wire import Wire

from .conftest import Opened

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_person_talks_and_finds_the_talk_again(opened: Opened) -> None:
    page = await opened("chatting")
    await page.evaluate("say('Hello')")
    for _ in range(2):
        await expect(page.locator(".human")).to_have_text("Hello")
        await expect(page.locator(".ai")).to_have_text("Good day")
        await expect(page.locator("#state")).to_have_text("still")
        assert "threadId=" in page.url
        await page.reload()
    await expect(page.locator("#error")).to_have_text("")


async def test_a_person_is_asked_and_decides(opened: Opened) -> None:
    page = await opened("asking")
    await page.evaluate("say('Begin')")
    await expect(page.locator("#question")).to_have_text("A question")
    await page.reload()
    await expect(page.locator("#question")).to_have_text("A question")
    await page.evaluate("decide({type: 'approve'})")
    await expect(page.locator("#answer")).to_have_text("approve")
    await expect(page.locator("#question")).to_have_text("")
    await expect(page.locator("#error")).to_have_text("")


async def test_a_page_that_was_loaded_again_hears_the_rest_of_a_run(
    opened: Opened, held: asyncio.Event
) -> None:
    page = await opened("holding")
    await page.evaluate("say('Begin')")
    await page.wait_for_url("**threadId=*")
    await page.wait_for_function("() => Object.keys(sessionStorage).length > 0")
    await page.reload()
    await expect(page.locator("#state")).to_have_text("loading")
    held.set()
    await expect(page.locator("#answer")).to_have_text("held")
    await expect(page.locator("#state")).to_have_text("still")


async def test_a_person_has_an_answer_written_anew(opened: Opened, wire: Wire) -> None:
    page = await opened("chatting")
    await page.evaluate("say('Hello')")
    await expect(page.locator("#state")).to_have_text("still")
    await expect(page.locator(".ai")).to_have_count(1)
    before = await page.evaluate("states")
    await page.evaluate("turnBack(messages[1])")
    await page.wait_for_function(f"() => states > {before}")
    await expect(page.locator(".ai")).to_have_text("Good day")
    (thread_id,) = parse_qs(urlsplit(page.url).query)["threadId"]
    assert [run["status"] for run in await wire.sdk.runs.list(thread_id)] == ["success", "success"]
