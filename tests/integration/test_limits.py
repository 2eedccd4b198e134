"""Up to which amount somebody approves, at every door, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from typer.testing import CliRunner, Result

from api.cli import app
from memory.db import Memory, TenantSession
from memory.models import Deal, Partnership
from memory.rows import change
from tests.fakes.letters import build_letter
from tests.fakes.persons import Signed, signed
from tests.fakes.postgres import fresh_database
from tests.fakes.rows import NOW
from tests.fakes.served import TOKEN, Api, served

from .test_api_reviews import letter
from .test_credentials import bearer

pytestmark = pytest.mark.asyncio(loop_scope="module")

APPROVE = {"type": "approve", "version": 1}
SAID = "Сумма сделки — 2\xa0100\xa0000\xa0₽, а ваш предел — 1\xa0000\xa0000\xa0₽"


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    folder = tmp_path_factory.mktemp("limits")
    with fresh_database(request.param, request, folder) as url:
        changed = {"database_url": url, "rate_per_minute": 0}
        async with served(folder, changed, letter=build_letter) as api:
            yield api


@pytest.fixture(scope="module")
def memory(api: Api) -> Memory:
    return api.memory


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def maria(api: Api) -> AsyncIterator[Signed]:
    """Who approves up to a million."""
    async with signed(api, "maria", "analyst") as maria:
        assert (await api.client.put("limits/person:maria", json={"rub": 1_000_000})).status_code == 200
        yield maria


async def worth(api: Api, memory: Memory, name: str, rub: int | None) -> str:
    """The id of a review of a pair of that worth."""
    review_id = await letter(api, memory, name)
    await memory.write(_appraise, f"{name}-p", rub)
    return review_id


def _appraise(session: TenantSession, pair: str, rub: int | None) -> None:
    assert change(session, Partnership, {"id": pair}, {"value_rub": rub}) == 1


async def decided(who: Signed, review_id: str, decision: dict[str, Any]) -> httpx.Response:
    return await who.client.post(f"reviews/{review_id}/decide", json=decision)


async def test_what_is_over_the_limit_is_seen_and_not_approved(
    api: Api, memory: Memory, maria: Signed
) -> None:
    review_id = await worth(api, memory, "dear", 2_100_000)
    assert (await maria.client.get(f"reviews/{review_id}")).status_code == 200
    for decision in (APPROVE, {"type": "edit", "version": 1, "body": "Иначе."}):
        refused = await decided(maria, review_id, decision)
        assert refused.status_code == 403
        assert refused.json()["said"]["ru"].startswith(SAID)
        assert "2,100,000 RUB and your limit is 1,000,000 RUB" in refused.json()["detail"]
    noted = (await api.client.get(f"audit/review/{review_id}")).json()["items"]
    told = [(entry["actor"], entry["action"], entry["detail"]["type"]) for entry in noted]
    assert told == [("person:maria", "review.refused", type) for type in ("approve", "edit")]
    assert (await decided(maria, review_id, {"type": "reject", "reason": "not_a_fit"})).status_code == 200


@pytest.mark.parametrize("rub", [None, 1_000_000])
async def test_what_is_not_over_it_is_approved(
    api: Api, memory: Memory, maria: Signed, rub: int | None
) -> None:
    review_id = await worth(api, memory, f"fair{rub}", rub)
    assert (await decided(maria, review_id, APPROVE)).status_code == 200


async def test_the_deal_counts_where_people_say_in_it_that_it_is_worth_more(
    api: Api, memory: Memory, maria: Signed
) -> None:
    review_id = await worth(api, memory, "dealt", 5)
    names = {"title": "t", "stage": "contacted", "company": "a", "partner": "b"}
    deal = Deal(id="d", key="dealt-p", value_rub=1_000_001, created_at=NOW, updated_at=NOW, **names)
    await memory.write(lambda session: session.add(deal))
    assert (await decided(maria, review_id, APPROVE)).status_code == 403


async def test_the_rule_holds_at_langgraph_s_door_and_for_a_key_at_the_command_line(
    api: Api, memory: Memory, maria: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    review_id = await worth(api, memory, "doors", 2_100_000)
    resume = {"assistant_id": "letter", "command": {"resume": {"decisions": [{"type": "approve"}]}}}
    wire = maria.client.base_url.join("/langgraph/threads/doors/runs")
    refused = await maria.client.post(wire, json=resume)
    assert (refused.status_code, refused.json().get("said", {}).get("ru", "")[:40]) == (403, SAID[:40])
    made = await maria.client.post("keys", json={"name": "cli", "roles": ["analyst"]})
    key = made.json()["key"]
    by_key = await api.client.post(f"reviews/{review_id}/decide", json=APPROVE, headers=bearer(key))
    assert by_key.status_code == 403
    done = await artel(api, monkeypatch, key, "review", "approve", review_id)
    assert done.exit_code == 1 and str(done.exception).startswith(SAID)
    assert len((await api.client.get(f"audit/review/{review_id}")).json()["items"]) == 3
    assert (await decided_by_owner(api, review_id)).status_code == 200


async def decided_by_owner(api: Api, review_id: str) -> httpx.Response:
    return await api.client.post(f"reviews/{review_id}/decide", json=APPROVE)


async def test_the_rule_holds_on_the_page_and_for_many_at_once(
    api: Api, memory: Memory, maria: Signed
) -> None:
    review_id = await worth(api, memory, "page", 2_100_000)
    root = maria.client.base_url.join("/")
    page = {"HX-Request": "true"}
    one = await maria.client.post(
        root.join(f"queue/{review_id}/decide"), data={"verdict": "approve", "version": "1"}, headers=page
    )
    assert SAID in one.text, (one.status_code, one.text)
    form = {"item": f"{review_id}:1", "verdict": "approve"}
    many = await maria.client.post(root.join("queue/bulk"), data=form, headers=page)
    assert SAID in many.text, (many.status_code, many.text)
    assert (await api.client.get(f"reviews/{review_id}")).json()["review"]["status"] == "pending"


async def test_of_roles_the_most_generous_counts_and_one_s_own_before_them(api: Api, memory: Memory) -> None:
    review_id = await worth(api, memory, "roles", 500)
    await api.client.put("limits/role:analyst", json={"rub": 100})
    async with signed(api, "plain", "analyst") as plain, signed(api, "both", "analyst", "admin") as both:
        assert (await decided(plain, review_id, APPROVE)).status_code == 403
        await api.client.put("limits/role:admin", json={"rub": 499})
        assert (await decided(both, review_id, APPROVE)).status_code == 403
        await api.client.put("limits/person:plain", json={"rub": 500})
        assert (await decided(plain, review_id, APPROVE)).status_code == 200
        again = await worth(api, memory, "roles-again", 500)
        assert (await api.client.delete("limits/role:admin")).status_code == 204
        assert (await decided(both, again, APPROVE)).status_code == 200
    await api.client.delete("limits/role:analyst")


async def test_nobody_moves_their_own_limit_and_a_limit_is_somebody_s(api: Api) -> None:
    async with signed(api, "chief", "admin") as chief:
        for subject in ("person:chief", "role:admin"):
            assert (await chief.client.put(f"limits/{subject}", json={"rub": 9})).status_code == 409
            assert (await chief.client.delete(f"limits/{subject}")).status_code == 409
        for subject in ("person:ghost", "role:king", "chief"):
            assert (await chief.client.put(f"limits/{subject}", json={"rub": 9})).status_code == 404
        assert (await chief.client.put("limits/role:viewer", json={"rub": -1})).status_code == 422
        assert (await chief.client.delete("limits/role:viewer")).status_code == 404


async def test_limits_are_set_from_the_command_line(
    api: Api, maria: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = await artel(api, monkeypatch, TOKEN, "users", "limit", "Maria", "1000000")
    assert "Maria: одобряет сделки до 1\xa0000\xa0000,00\xa0₽" in done.output, done.exception
    shown = await artel(api, monkeypatch, TOKEN, "users", "limits")
    assert "maria" in shown.output and "1\xa0000\xa0000,00\xa0₽" in shown.output
    await artel(api, monkeypatch, TOKEN, "users", "limit", "role:operator", "5")
    done = await artel(api, monkeypatch, TOKEN, "users", "unlimit", "role:operator")
    assert "role:operator: предела больше нет" in done.output


async def artel(api: Api, monkeypatch: pytest.MonkeyPatch, token: str, *arguments: str) -> Result:
    monkeypatch.setenv("ARTEL_DATA_DIR", str(api.settings.data_dir))
    monkeypatch.setenv("ARTEL_TOKEN", token)
    monkeypatch.setenv("COLUMNS", "120")
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
