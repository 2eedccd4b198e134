"""Runs over HTTP: start, list, look, listen, cancel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from api.client import events
from memory import effects
from tests.fakes.served import Api, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    async with served(tmp_path_factory.mktemp("api")) as api:
        yield api


HALF = "\ud83d"  # of an emoji: JSON can spell it, no UTF-8 can


async def told(api: Api, run_id: str) -> list[tuple[str, dict[str, object]]]:
    return [(event.type, event.data) async for event in events(api.client, run_id)]


async def test_a_started_run_is_answered_with_its_address(api: Api) -> None:
    answer = await api.client.post("runs", json={"graph": "asking", "input": {"text": "привет"}})
    assert answer.status_code == 201
    body = answer.json()
    assert (body["graph"], body["trigger"], body["input"]) == ("asking", "api", {"text": "привет"})
    assert answer.headers["location"] == f"/api/v1/runs/{body['id']}"
    again = await api.client.get(api.client.base_url.join(answer.headers["location"]))
    assert again.status_code == 200
    assert again.json()["id"] == body["id"]


async def test_a_used_key_answers_with_the_run_that_used_it(api: Api) -> None:
    first = await api.client.post("runs", json={"graph": "asking", "key": "the same"})
    second = await api.client.post("runs", json={"graph": "asking", "key": "the same"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]


async def test_a_stream_tells_the_nodes_and_ends_with_the_reviews_that_wait(api: Api) -> None:
    started = await api.client.post("runs", json={"graph": "asking"})
    seen = await told(api, started.json()["id"])
    assert seen[-1][0] == "status"
    assert seen[-1][1]["status"] == "waiting"
    [review] = seen[-1][1]["reviews"]  # type: ignore[misc]
    assert (await api.client.get(f"reviews/{review}")).json()["review"]["run_id"] == started.json()["id"]
    assert {data["node"] for type, data in seen if type == "node"} <= {"first", "second"}


async def test_a_run_that_failed_says_why_at_once_and_ever_after(api: Api) -> None:
    started = await api.client.post("runs", json={"graph": "failing"})
    run_id, error = started.json()["id"], "ValueError: the node could not do it"
    assert (await told(api, run_id))[-1] == ("status", {"status": "failed", "error": error})
    assert await told(api, run_id) == [("status", {"status": "failed", "error": error})]
    run = (await api.client.get(f"runs/{run_id}")).json()
    assert (run["status"], run["error"]) == ("failed", error)
    assert run["finished_at"]


async def test_a_cancelled_run_withdraws_its_review(api: Api) -> None:
    run_id, review_id = await api.waiting()
    answer = await api.client.post(f"runs/{run_id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert (await api.client.get(f"reviews/{review_id}")).json()["review"]["status"] == "withdrawn"
    again = await api.client.post(f"runs/{run_id}/cancel")
    assert again.status_code == 409
    assert "ended already" in again.json()["detail"]


async def test_pages_of_runs_meet_without_a_gap_or_a_repeat(api: Api) -> None:
    thread = "thread-of-pages"
    for number in range(5):
        run_id, _ = await api.waiting(thread_id=thread, key=f"page {number}")
        await api.client.post(f"runs/{run_id}/cancel")
    found, cursor = [], None
    for _ in range(3):
        asked = {"thread_id": thread, "limit": 2, **({"before": cursor} if cursor else {})}
        page = (await api.client.get("runs", params=asked)).json()
        found += [run["id"] for run in page["items"]]
        cursor = page["next"]
    assert cursor is None
    assert len(set(found)) == 5
    assert found == sorted(found, reverse=True)


async def test_runs_are_listed_by_status_and_graph(api: Api) -> None:
    run_id, _ = await api.waiting()
    page = (await api.client.get("runs", params={"status": ["waiting", "running"], "graph": "asking"})).json()
    assert run_id in [run["id"] for run in page["items"]]
    assert {run["status"] for run in page["items"]} <= {"waiting", "running"}
    none = await api.client.get("runs", params={"status": "waiting", "graph": "failing"})
    assert none.json() == {"items": [], "next": None}


async def test_a_thread_with_an_active_run_takes_no_second_one(api: Api) -> None:
    bodies = [{"graph": "asking", "thread_id": "busy"} for _ in range(2)]
    answers = await asyncio.gather(*(api.client.post("runs", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    [refused] = [answer for answer in answers if answer.status_code == 409]
    assert "has an active run" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"graph": "nothing"}, 404, "there is no graph 'nothing'"),
        ({}, 422, "a graph or an assistant_id"),
        ({"graph": "asking", "input": [1]}, 422, "body.input"),
        ({"graph": "asking", "input": {"a": [HALF]}}, 422, "not Unicode"),
        ({"graph": HALF}, 422, "body.graph"),
        ({"graph": "asking", "surprise": 1}, 422, "body.surprise"),
        ({"graph": "asking", "thread_id": "a b"}, 422, "body.thread_id"),
    ],
)
async def test_a_run_that_cannot_be_started_says_why(
    api: Api, body: dict[str, object], status: int, words: str
) -> None:
    content = json.dumps(body)
    answer = await api.client.post("runs", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert words in answer.json()["detail"]


@pytest.mark.parametrize("path", ["runs/none", "runs/none/events"])
async def test_an_unknown_run_is_a_404(api: Api, path: str) -> None:
    answer = await api.client.get(path)
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no run 'none'")


async def test_cancelling_an_unknown_run_is_a_404(api: Api) -> None:
    assert (await api.client.post("runs/none/cancel")).status_code == 404


@pytest.mark.parametrize("params", [{"before": "!"}, {"before": "e30"}, {"limit": 0}, {"status": "asleep"}])
async def test_a_bad_question_about_runs_is_a_422(api: Api, params: dict[str, str]) -> None:
    assert (await api.client.get("runs", params=params)).status_code == 422


async def test_a_run_shows_what_the_world_has_seen_of_it(api: Api) -> None:
    run_id, _ = await api.waiting()
    assert (await api.client.get(f"runs/{run_id}/effects")).json() == []
    run = (await api.client.get(f"runs/{run_id}")).json()

    async def sent() -> dict[str, str]:
        return {"message_id": "m"}

    await effects.once(
        api.memory,
        key="letter:1",
        kind="letter",
        thread_id=run["thread_id"],
        payload={},
        perform=sent,
        clock=lambda: datetime(2026, 11, 21, tzinfo=UTC),
    )
    seen = (await api.client.get(f"runs/{run_id}/effects")).json()
    assert [(it["key"], it["status"], it["result"]) for it in seen] == [
        ("letter:1", "done", {"message_id": "m"})
    ]
    assert (await api.client.get("runs/nothing/effects")).status_code == 404
