"""What Agent Inbox does, by LangGraph's own client in a browser: find what waits, answer it, leave it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.wire import Wire

from .conftest import Opened

pytestmark = pytest.mark.asyncio(loop_scope="session")

EDIT = {"action": "send_letter", "args": {"note": "!"}}
# As its buttons send them: in its own words, or in those of LangChain's middleware.
ANSWERS = {
    "accept": ([{"type": "accept", "args": None}], "approve"),
    "edit": ([{"type": "edit", "args": EDIT}], "edit"),
    "response": ([{"type": "response", "args": "Shorter"}], "respond"),
    "ignore": ([{"type": "ignore", "args": None}], "reject"),
    "approve, of LangChain": ({"decisions": [{"type": "approve", "args": None}]}, "approve"),
    "edit, of LangChain": ({"decisions": [{"type": "edit", "args": EDIT}]}, "edit"),
    "reject, of LangChain": ({"decisions": [{"type": "reject", "args": "Not now"}]}, "reject"),
}


async def test_what_waits_is_found_and_answered(opened: Opened, wire: Wire) -> None:
    page = await opened("asking")
    for resume, decision in ANSWERS.values():
        thread_id = await wire.waiting()
        (thread,) = await page.evaluate("inbox.waiting()")
        asked: Any = next(iter(thread["interrupts"].values()))[0]["value"]
        assert (thread["thread_id"], asked["action_requests"][0]["name"]) == (thread_id, "send_letter")
        await page.evaluate("([id, resume]) => inbox.send(id, resume)", [thread_id, resume])
        values: Any = (await wire.sdk.threads.get(thread_id))["values"]
        assert values["answer"] == decision
        if decision == "respond":
            await page.evaluate("id => inbox.ignore(id)", thread_id)


async def test_an_answer_is_heard_event_by_event(opened: Opened, wire: Wire) -> None:
    page = await opened("asking")
    thread_id = await wire.waiting()
    resume = ANSWERS["accept"][0]
    heard = await page.evaluate("([id, resume]) => inbox.hear(id, resume)", [thread_id, resume])
    assert heard[0] == "metadata"
    assert "events" in heard


async def test_a_thread_that_is_ignored_waits_no_more(opened: Opened, wire: Wire) -> None:
    page = await opened("asking")
    thread_id = await wire.waiting()
    state = await page.evaluate("id => inbox.state(id)", thread_id)
    assert state["tasks"][-1]["interrupts"]
    await page.evaluate("id => inbox.ignore(id)", thread_id)
    assert await page.evaluate("inbox.waiting()") == []
