"""Rules beyond roles, over HTTP: personal data, and two pairs of eyes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from api.privacy import HIDDEN
from memory.db import Memory, TenantSession
from memory.models import Company, Draft
from memory.rows import change
from tests.fakes.persons import Signed, signed
from tests.fakes.served import Api, served

from .test_api_reviews import build_letter, letter, settled

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    changed = {"rate_per_minute": 0, "two_pairs_of_eyes": True}
    async with served(tmp_path_factory.mktemp("personal"), changed, letter=build_letter) as api:
        yield api


@pytest.fixture(scope="module")
def memory(api: Api) -> Memory:
    return api.memory


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def viewer(api: Api) -> AsyncIterator[Signed]:
    async with signed(api, "viewer", "viewer") as viewer:
        yield viewer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def maria(api: Api) -> AsyncIterator[Signed]:
    async with signed(api, "maria", "analyst") as maria:
        yield maria


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def oleg(api: Api) -> AsyncIterator[Signed]:
    async with signed(api, "oleg", "analyst") as oleg:
        yield oleg


def _address(session: TenantSession, name: str) -> None:
    told = {
        "to_name": "Иван",
        "to_email": "ivan@beta.test",
        "subject": "Встреча: Иван Петров",
        "body": "Иван Петров, ivan@beta.test, +7 912 345-67-89, писал вчера.",
    }
    change(session, Draft, {"id": f"{name}-d"}, told)
    change(session, Company, {"id": f"{name}-b"}, {"contact_email": "ivan@beta.test"})


async def test_personal_data_is_told_to_whoever_may_read_it_only(
    api: Api, memory: Memory, viewer: Signed, maria: Signed
) -> None:
    review_id = await letter(api, memory, "told")
    await memory.write(_address, "told")
    seen, hidden = [(await who.client.get(f"reviews/{review_id}")).json() for who in (maria, viewer)]
    assert (seen["draft"]["to_email"], seen["draft"]["to_name"]) == ("ivan@beta.test", "Иван")
    assert (hidden["draft"]["to_email"], hidden["draft"]["to_name"]) == (HIDDEN, HIDDEN)
    assert hidden["draft"]["body"] == f"{HIDDEN}, {HIDDEN}, {HIDDEN}, писал вчера."
    for name in seen["review"].keys() - {"request"}:
        assert hidden["review"][name] == seen["review"][name]
    for path in ("/queue", f"/queue/row/{review_id}", f"/queue/card/{review_id}"):
        for who, is_told in ((maria, True), (viewer, False)):
            shown = await who.client.get(who.client.base_url.join(path))
            assert ("Иван Петров" in shown.text) is is_told, path
    assert "ivan@beta.test" not in (await viewer.client.get("companies/told-b")).text
    assert "ivan@beta.test" in (await maria.client.get("companies/told-b")).text


async def test_a_graph_s_state_and_its_streams_are_hidden_too(
    api: Api, viewer: Signed, maria: Signed
) -> None:
    given = {"text": "почта ivan@beta.test, спросить Петра Сидорова", "to_email": "ivan@beta.test"}
    run_id, _ = await api.waiting(input=given)
    run = (await api.client.get(f"runs/{run_id}")).json()
    wire = f"/langgraph/threads/{run['thread_id']}"
    for path in (f"{wire}/state", f"{wire}/runs/{run_id}/join", f"{wire}/runs/{run_id}/stream"):
        for who, told in ((viewer, False), (maria, True)):
            answer: httpx.Response = await who.client.get(who.client.base_url.join(path))
            assert answer.status_code == 200
            assert ("ivan@beta.test" in answer.text) is told, path
            assert ("Сидоров" in answer.text) is told, path


async def test_who_asked_for_a_rewrite_does_not_approve_it(
    api: Api, memory: Memory, maria: Signed, oleg: Signed
) -> None:
    review_id = await letter(api, memory, "rewritten")
    asked = {"type": "respond", "message": "Короче"}
    answer = await maria.client.post(f"reviews/{review_id}/decide", json=asked)
    await settled(api, answer.json()["run_id"])
    _, again = await api.waiting(
        graph="letter", thread_id="rewritten", input={"question": await _question(api, review_id)}
    )
    approve = {"type": "approve", "version": 1}
    refused = await maria.client.post(f"reviews/{again}/decide", json=approve)
    assert (refused.status_code, refused.json()["title"]) == (403, "Forbidden")
    assert (await oleg.client.post(f"reviews/{again}/decide", json=approve)).status_code == 200


async def test_nobody_approves_with_an_edit_that_nobody_else_sees(
    api: Api, memory: Memory, maria: Signed
) -> None:
    review_id = await letter(api, memory, "edited")
    edit = {"type": "edit", "version": 1, "body": "Совсем другое."}
    assert (await maria.client.post(f"reviews/{review_id}/decide", json=edit)).status_code == 403
    approve = {"type": "approve", "version": 1}
    assert (await maria.client.post(f"reviews/{review_id}/decide", json=approve)).status_code == 200


async def _question(api: Api, review_id: str) -> object:
    return (await api.client.get(f"reviews/{review_id}")).json()["review"]["request"]
