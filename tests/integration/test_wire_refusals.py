"""What cannot be is refused with a line that names it, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from api.limits import JSON_BYTES
from tests.fakes.wire import Wire, wired

pytestmark = [pytest.mark.untraced, pytest.mark.asyncio(loop_scope="module")]

CRON = {"assistant_id": "asking", "schedule": "0 9 * * *"}
RUN = {"assistant_id": "asking", "input": {}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wire(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Wire]:
    async with wired(tmp_path_factory.mktemp("wire")) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def thread(wire: Wire) -> str:
    """A thread that has waited, was answered and is finished."""
    thread_id = await wire.waiting()
    await wire.sdk.runs.wait(thread_id, "asking", command={"resume": {"decisions": [{"type": "approve"}]}})
    return thread_id


async def standing(wire: Wire) -> list[Any]:
    """All that a refused request could have left."""
    kinds = ("runs", "schedules", "reviews")
    return [
        (await wire.api.client.get(kind)).json()["items"] for kind in kinds
    ] + await wire.sdk.threads.search()


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "/runs", {"assistant_id": "nobody"}, 404, "'nobody'"),
        ("POST", "/runs/wait", {"assistant_id": "nobody"}, 404, "'nobody'"),
        ("POST", "/threads/{thread}/runs/stream", {"assistant_id": "nobody"}, 404, "'nobody'"),
        ("POST", "/threads/nowhere/runs", RUN, 404, "no thread 'nowhere'"),
        ("POST", "/threads/nowhere/runs/wait", RUN, 404, "no thread 'nowhere'"),
        ("GET", "/threads/{thread}/runs/norun", None, 404, "no run 'norun'"),
        ("GET", "/threads/{thread}/runs/norun/join", None, 404, "no run 'norun'"),
        ("GET", "/threads/{thread}/runs/norun/stream", None, 404, "no run 'norun'"),
        ("POST", "/threads/{thread}/runs/norun/cancel", None, 404, "no run 'norun'"),
        ("DELETE", "/threads/{thread}/runs/norun", None, 404, "no run 'norun'"),
        (
            "POST",
            "/threads/{thread}/runs",
            {**RUN, "input": {"text": "x"}, "command": {"resume": {"f" * 32: 1}}},
            422,
            "input",
        ),
        (
            "POST",
            "/threads/{thread}/runs",
            {"assistant_id": "asking", "command": {"resume": {"f" * 32: 1}}},
            404,
            f"no interrupt '{'f' * 32}'",
        ),
        (
            "POST",
            "/threads/{thread}/runs",
            {"assistant_id": "asking", "command": {"resume": "yes"}},
            409,
            "does not wait",
        ),
        ("POST", "/runs", {**RUN, "input": {"text": "x" * JSON_BYTES}}, 413, "larger than 1 MB"),
        ("POST", "/runs/crons", {**CRON, "schedule": "0 0 30 2 *"}, 422, "never"),
        ("POST", "/runs/crons", {**CRON, "schedule": "* * *"}, 422, "* * *"),
        ("POST", "/runs/crons", {**CRON, "timezone": "Mars/Base"}, 422, "Mars/Base"),
        ("POST", "/runs/crons", {**CRON, "assistant_id": "nobody"}, 404, "'nobody'"),
        ("POST", "/runs/crons", {**CRON, "webhook": "http://10.0.0.1/x"}, 422, "webhook"),
        ("POST", "/runs", {**RUN, "webhook": "http://169.254.169.254/latest"}, 422, "webhook"),
        ("POST", "/runs", {**RUN, "webhook": "http://[::1]:8000/x"}, 422, "webhook"),
        ("POST", "/runs", {**RUN, "webhook": "http://localhost/x"}, 422, "webhook"),
    ],
)
async def test_it_says_which_and_starts_nothing(
    wire: Wire, thread: str, method: str, path: str, body: Any, status: int, words: str
) -> None:
    before = await standing(wire)
    answer = await wire.http.request(method, path.format(thread=thread), json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]
    assert await standing(wire) == before
