"""Reviews over HTTP: the queue, the card, the decision and its one winner."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from api.client import events
from memory.db import Memory
from tests.fakes.letters import build_letter, write_letter
from tests.fakes.served import Api, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    async with served(tmp_path_factory.mktemp("api"), letter=build_letter) as api:
        yield api


@pytest.fixture(scope="module")
def memory(api: Api) -> Memory:
    return api.memory


async def letter(api: Api, memory: Memory, name: str, score: float = 0.5) -> str:
    """The id of a review that waits for a decision on the letter of the thread `name`."""
    question = await memory.write(write_letter, name, score)
    _, review_id = await api.waiting(graph="letter", thread_id=name, input={"question": question})
    return review_id


async def settled(api: Api, run_id: str) -> dict[str, Any]:
    async for _ in events(api.client, run_id):
        pass
    return dict((await api.client.get(f"runs/{run_id}")).json())


async def test_a_card_shows_all_that_a_decision_needs(api: Api, memory: Memory) -> None:
    review_id = await letter(api, memory, "card", 0.7)
    card = (await api.client.get(f"reviews/{review_id}")).json()
    assert card["review"]["title"] == "Письмо card"
    assert (card["score"], card["confidence"], card["probability"]) == (0.7, 0.8, None)
    assert card["factors"] == [{"name": "market", "weight": 0.2, "value": None, "evidence": ["nobody says"]}]
    assert (card["reasons"], card["synergy_areas"]) == (["Общий рынок"], ["api"])
    assert [one["name"] for one in card["companies"]] == ["card-a", "card-b"]
    assert [version["version"] for version in card["versions"]] == [1]
    [claim] = card["draft"]["claims"]
    assert claim["text"] in card["draft"]["body"]
    assert claim["evidence"] == [
        {
            "id": "card-e",
            "quote": "Альфа открыла API",
            "url": "https://news.test/1",
            "source_title": None,
            "fetched_at": "2026-11-20T09:00:00Z",
        }
    ]
    assert card["decision"] is None


async def test_an_approved_letter_goes_on_in_a_new_run(api: Api, memory: Memory) -> None:
    review_id = await letter(api, memory, "approved")
    answer = await api.client.post(
        f"reviews/{review_id}/decide",
        json={"type": "approve", "version": 1},
        headers={"X-Actor": "%D0%9C%D0%B0%D1%80%D0%B8%D1%8F"},
    )
    assert answer.status_code == 200
    decision = answer.json()["decision"]
    assert (decision["type"], decision["actor"], decision["draft_id"]) == (
        "approve",
        "person:Мария",
        "approved-d",
    )
    run = await settled(api, answer.json()["run_id"])
    assert (run["status"], run["result"]["decision"]) == ("done", {"type": "approve"})
    card = (await api.client.get(f"reviews/{review_id}")).json()
    assert (card["review"]["status"], card["decision"]["id"]) == ("decided", decision["id"])


async def test_an_edited_letter_becomes_a_version_of_the_person(api: Api, memory: Memory) -> None:
    review_id = await letter(api, memory, "edited")
    sent = {"type": "edit", "version": 1, "body": "Давайте обсудим."}
    answer = await api.client.post(f"reviews/{review_id}/decide", json=sent)
    assert answer.status_code == 200
    card = (await api.client.get(f"reviews/{review_id}")).json()
    latest = card["versions"][-1]
    assert (latest["version"], latest["subject"], latest["body"]) == (2, "Партнёрство", "Давайте обсудим.")
    assert latest["id"] == answer.json()["decision"]["draft_id"]
    run = await settled(api, answer.json()["run_id"])
    assert run["result"]["decision"]["edited_action"]["args"]["body"] == "Давайте обсудим."


async def test_a_rejection_needs_no_version_and_says_why(api: Api, memory: Memory) -> None:
    review_id = await letter(api, memory, "rejected")
    sent = {"type": "reject", "reason": "competitor", "message": "Они делают то же самое"}
    decision = (await api.client.post(f"reviews/{review_id}/decide", json=sent)).json()["decision"]
    assert (decision["reason"], decision["message"]) == ("competitor", "Они делают то же самое")
    assert decision["draft_id"] is None


async def test_a_remark_goes_back_to_the_writer(api: Api) -> None:
    _, review_id = await api.waiting()
    answer = await api.client.post(
        f"reviews/{review_id}/decide", json={"type": "respond", "message": "Короче"}
    )
    assert answer.status_code == 200
    run = await settled(api, answer.json()["run_id"])
    assert (run["status"], run["result"]["answer"]) == ("waiting", "respond")


@pytest.mark.parametrize(
    ("decision", "type", "resumed"),
    [
        ({"type": "approve"}, "approve", {"type": "approve"}),
        ({"type": "reject", "message": "Нет"}, "reject", {"type": "reject", "message": "Нет"}),
        ({"type": "respond", "message": "Короче"}, "respond", {"type": "respond", "message": "Короче"}),
    ],
)
async def test_the_batched_form_of_langchain_is_read_too(
    api: Api, memory: Memory, decision: dict[str, str], type: str, resumed: dict[str, str]
) -> None:
    review_id = await letter(api, memory, f"batched-{type}")
    body = {"decisions": [decision], "version": 1}
    answer = await api.client.post(f"reviews/{review_id}/decide", json=body)
    assert (answer.status_code, answer.json()["decision"]["type"]) == (200, type)
    run = await settled(api, answer.json()["run_id"])
    assert run["result"]["decision"] == resumed


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("langchain", {"edited_action": {"name": "send_letter", "args": {"subject": "Иначе"}}}),
        ("inbox", {"args": {"subject": "Иначе"}}),
    ],
)
async def test_both_batched_forms_of_an_edit_are_read(
    api: Api, memory: Memory, name: str, edit: dict[str, Any]
) -> None:
    review_id = await letter(api, memory, f"edit-{name}")
    body = {"decisions": [{"type": "edit", **edit}], "version": 1}
    assert (await api.client.post(f"reviews/{review_id}/decide", json=body)).status_code == 200
    card = (await api.client.get(f"reviews/{review_id}")).json()
    assert card["versions"][-1]["subject"] == "Иначе"


async def test_the_second_decision_gets_the_winner_and_its_own_text_back(api: Api, memory: Memory) -> None:
    review_id = await letter(api, memory, "twice")
    first = {"type": "approve", "version": 1}
    await api.client.post(f"reviews/{review_id}/decide", json=first, headers={"X-Actor": "maria"})
    mine = {"type": "edit", "version": 1, "subject": "Моя тема", "body": "Мой текст"}
    answer = await api.client.post(f"reviews/{review_id}/decide", json=mine)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["decided_by"], problem["decision"]) == ("person:maria", "approve")
    assert problem["yours"] == mine
    assert len((await api.client.get(f"reviews/{review_id}")).json()["versions"]) == 1


async def test_a_decision_on_another_version_is_refused_and_not_lost(api: Api, memory: Memory) -> None:
    review_id = await letter(api, memory, "stale")
    sent = {"type": "approve", "version": 2}
    answer = await api.client.post(f"reviews/{review_id}/decide", json=sent)
    assert (answer.status_code, answer.json()["yours"]) == (409, sent)
    assert (await api.client.get(f"reviews/{review_id}")).json()["review"]["status"] == "pending"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "discriminator"),
        ({"type": "maybe"}, "maybe"),
        ({"type": "approve"}, "send `version`"),
        ({"type": "approve", "version": 0}, "version"),
        ({"type": "approve", "version": "one"}, "version"),
        ({"type": "edit", "version": 1}, "an edit sends"),
        ({"type": "edit", "version": 1, "body": 5}, "body"),
        ({"type": "edit", "version": 1, "args": {"subject": None}}, "subject"),
        ({"type": "edit", "version": 1, "args": {"note": "\ud83d"}}, "not Unicode"),
        ({"type": "edit", "body": "текст"}, "send `version`"),
        ({"type": "reject"}, "reason"),
        ({"type": "reject", "reason": "bored"}, "reason"),
        ({"type": "respond"}, "message"),
        ({"type": "respond", "message": "  "}, "message"),
        ({"type": "approve", "version": 1, "surprise": 1}, "surprise"),
        ({"decisions": []}, "one decision"),
        ({"decisions": [{"type": "approve"}, {"type": "approve"}], "version": 1}, "one decision"),
        ({"decisions": [{"type": "approve"}]}, "send `version`"),
        ({"decisions": "approve"}, "one decision"),
        (
            {"type": "edit", "version": 1, "edited_action": {"name": "pay", "args": {"to": "me"}}},
            "asks about send_letter",
        ),
        ([], "body"),
        ("approve", "body"),
    ],
)
async def test_a_malformed_decision_changes_nothing(api: Api, pending: str, body: Any, words: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await api.client.post(f"reviews/{pending}/decide", content=json.dumps(body), headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]
    assert (await api.client.get(f"reviews/{pending}")).json()["review"]["status"] == "pending"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pending(api: Api, memory: Memory) -> str:
    return await letter(api, memory, "pending")


async def test_a_decision_that_the_review_does_not_allow_is_refused(api: Api, memory: Memory) -> None:
    question = await memory.write(write_letter, "narrow", 0.5)
    question["review_configs"][0]["allowed_decisions"] = ["approve", "reject"]
    _, review_id = await api.waiting(graph="letter", thread_id="narrow", input={"question": question})
    answer = await api.client.post(
        f"reviews/{review_id}/decide", json={"type": "respond", "message": "Короче"}
    )
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "this review allows approve, reject, not respond",
    )


async def test_an_unknown_review_is_a_404(api: Api) -> None:
    for body in ({"type": "approve", "version": 1}, {"type": "reject", "reason": "other"}):
        answer = await api.client.post("reviews/none/decide", json=body)
        assert (answer.status_code, answer.json()["detail"]) == (404, "there is no review 'none'")
    assert (await api.client.get("reviews/none")).status_code == 404


@pytest.mark.parametrize("sort", ["score", "newest", "oldest"])
async def test_pages_of_reviews_meet_without_a_gap_or_a_repeat(api: Api, memory: Memory, sort: str) -> None:
    ids = [await letter(api, memory, f"page-{sort}-{n}", score) for n, score in enumerate((0.2, 0.9, 0.9))]
    found, cursor = [], None
    while True:
        asked = {"q": f"page-{sort}", "sort": sort, "limit": 1, **({"cursor": cursor} if cursor else {})}
        page = (await api.client.get("reviews", params=asked)).json()
        assert page["total"] == 3
        found += [review["id"] for review in page["items"]]
        if (cursor := page["next"]) is None:
            break
    low, first, second = ids
    assert (
        found
        == {
            "score": [second, first, low],
            "newest": [second, first, low],
            "oldest": [low, first, second],
        }[sort]
    )


async def test_reviews_are_listed_by_status_and_kind(api: Api, memory: Memory) -> None:
    review_id = await letter(api, memory, "listed")
    await api.client.post(f"reviews/{review_id}/decide", json={"type": "reject", "reason": "other"})

    async def listed(**asked: str) -> list[str]:
        page = (await api.client.get("reviews", params={"q": "listed", **asked})).json()
        return [review["id"] for review in page["items"]]

    assert await listed() == []
    assert await listed(status="decided") == await listed(status="all") == [review_id]
    assert await listed(status="all", kind="crm_conflict") == []
    assert await listed(status="all", lang="en") == []


@pytest.mark.parametrize(
    "params",
    [{"cursor": "!"}, {"cursor": "eyJpZCI6MX0"}, {"limit": 201}, {"sort": "luck"}, {"status": "lost"}],
)
async def test_a_bad_question_about_reviews_is_a_422(api: Api, params: dict[str, str]) -> None:
    answer = await api.client.get("reviews", params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_of_four_simultaneous_deciders_one_wins(api: Api) -> None:
    opened = await asyncio.gather(*(api.waiting() for _ in range(50)))
    reviews = [review_id for _, review_id in opened]
    bodies = [
        {"type": "approve", "version": 1},
        {"type": "edit", "version": 1, "args": {"note": "mine"}},
        {"type": "reject", "reason": "other"},
        {"type": "respond", "message": "Короче"},
    ]
    deciding = [
        api.client.post(f"reviews/{id}/decide", json=body, headers={"X-Actor": body["type"]})
        for id in reviews
        for body in bodies
    ]
    answers = await asyncio.gather(*deciding)
    assert Counter(answer.status_code for answer in answers) == {200: 50, 409: 150}
    for number, id in enumerate(reviews):
        four = answers[4 * number : 4 * number + 4]
        [winner] = [answer.json()["decision"] for answer in four if answer.status_code == 200]
        lost = [answer.json() for answer in four if answer.status_code == 409]
        assert {(one["decided_by"], one["decision"]) for one in lost} == {(winner["actor"], winner["type"])}
        assert (await api.client.get(f"reviews/{id}")).json()["decision"]["id"] == winner["id"]
