"""The first of two approvals, at every door: it is kept and said, and the letter waits for somebody else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from memory import audit
from memory.db import Memory
from memory.models import Partnership
from memory.rows import change
from tests.fakes.letters import build_letter, write_letter
from tests.fakes.persons import Signed, signed
from tests.fakes.served import TOKEN, Api, served

from .test_limits import APPROVE, artel

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    changed = {"second_review": "high", "rate_per_minute": 0}
    async with served(tmp_path_factory.mktemp("first"), changed, letter=build_letter) as api:
        yield api


@pytest.fixture(scope="module")
def memory(api: Api) -> Memory:
    return api.memory


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def maria(api: Api) -> AsyncIterator[Signed]:
    async with signed(api, "maria", "analyst") as maria:
        yield maria


async def risky(api: Api, memory: Memory, name: str) -> str:
    """The id of the review of a letter that two people approve, on the thread `name`."""
    question = await memory.write(write_letter, name, 0.5, "high")
    return (await api.waiting(graph="letter", thread_id=name, input={"question": question}))[1]


async def audited(memory: Memory, review_id: str) -> list[tuple[str, str]]:
    """(action, actor), the oldest first."""
    return [(it.action, it.actor) for it in await memory.read(audit.entries, "review", review_id)]


async def test_over_http_it_is_accepted_and_somebody_else_decides(
    api: Api, memory: Memory, maria: Signed
) -> None:
    review_id = await risky(api, memory, "native")
    for _ in range(2):
        kept = await maria.client.post(f"reviews/{review_id}/decide", json=APPROVE)
        assert kept.status_code == 202
        assert kept.json()["endorsed_by"] == ["person:maria"]
        assert (kept.json()["review"]["id"], kept.json()["review"]["status"]) == (review_id, "pending")
    assert (await api.client.get(f"reviews/{review_id}")).json()["endorsed_by"] == ["person:maria"]
    done = await api.client.post(f"reviews/{review_id}/decide", json=APPROVE, headers={"X-Actor": "boris"})
    assert (done.status_code, done.json()["decision"]["actor"]) == (200, "person:boris")
    told = [("review.endorse", "person:maria"), ("review.approve", "person:boris")]
    assert await audited(memory, review_id) == told


async def test_at_langgraphs_door_the_question_stands_until_somebody_else_answers(
    api: Api, memory: Memory
) -> None:
    review_id = await risky(api, memory, "wire")
    answer = {"assistant_id": "letter", "command": {"resume": {"decisions": [{"type": "approve"}]}}}
    url = str(api.client.base_url.join("/langgraph/threads/wire/"))
    async with httpx.AsyncClient(base_url=url, headers=dict(api.client.headers), timeout=30) as wire:
        again = await wire.post("runs/wait", json=answer, headers={"X-Actor": "anna"})
        assert again.status_code == 200 and again.json()["__interrupt__"]
        told = await wire.post("runs/stream", json=answer, headers={"X-Actor": "anna"})
        assert "__interrupt__" in told.text
        done = await wire.post("runs/wait", json=answer, headers={"X-Actor": "boris"})
        assert done.json()["decision"] == {"type": "approve"}
    told_of = [("review.endorse", "person:anna"), ("review.approve", "person:boris")]
    assert await audited(memory, review_id) == told_of


@pytest.mark.parametrize(
    ("english", "said"),
    [([], "Первое одобрение записано: письмо уйдёт"), (["--en"], "The first approval is recorded")],
)
async def test_on_the_command_line_it_is_said(
    api: Api, memory: Memory, monkeypatch: pytest.MonkeyPatch, english: list[str], said: str
) -> None:
    review_id = await risky(api, memory, f"cli{len(english)}")
    done = await artel(api, monkeypatch, TOKEN, *english, "review", "approve", review_id)
    assert (done.exit_code, said in done.output) == (0, True), done.output


async def test_over_ones_limit_nothing_is_kept_but_the_refusal(
    api: Api, memory: Memory, maria: Signed
) -> None:
    review_id = await risky(api, memory, "dear")
    await memory.write(change, Partnership, {"id": "dear-p"}, {"value_rub": 2_000_000})
    assert (await api.client.put("limits/person:maria", json={"rub": 1_000_000})).status_code == 200
    refused = await maria.client.post(f"reviews/{review_id}/decide", json=APPROVE)
    assert refused.status_code == 403
    assert await audited(memory, review_id) == [("review.refused", "person:maria")]
