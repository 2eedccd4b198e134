"""Every endpoint of both doors as nobody, as each role, and by what is sent to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from api.app import create_app
from api.pages import live
from api.rights import ANYBODY, ASKED
from api.routes import signing, tokens
from graphs.runtime.people.rights import OF_ROLE, Permission
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings
from memory.models import Role
from tests.fakes.endpoints import Endpoint, endpoints, others
from tests.fakes.persons import Signed, browser, signed
from tests.fakes.served import GRAPHS, TOKEN, Api, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    async with served(tmp_path_factory.mktemp("rights"), {"rate_per_minute": 0}) as api:
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def every(tmp_path_factory: pytest.TempPathFactory) -> list[Endpoint]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("routes"), token=TOKEN)
    async with open_services(settings, graphs=GRAPHS) as services:
        app = create_app(services)
        # The descriptions, which tell nothing of anybody.
        assert others(app) == {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}
        return endpoints(app)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def roles(api: Api) -> AsyncIterator[dict[Role, Signed]]:
    """Somebody of each role."""
    async with AsyncExitStack() as stack:
        yield {role: await stack.enter_async_context(signed(api, f"a-{role}", role)) for role in Role}


async def test_every_endpoint_stands_under_a_permission(every: list[Endpoint]) -> None:
    assert len(every) > 90
    assert [str(one) for one in every if one.call not in ASKED and one.call not in ANYBODY] == []
    assert set(ASKED) - {one.call for one in every} == set()
    assert {it for it in ASKED.values() if it} | {Permission.PII_READ, Permission.AUDIT_READ} == set(
        Permission
    )


async def test_an_endpoint_that_asks_for_nothing_is_closed_to_everybody(tmp_path: Path) -> None:
    async with open_services(Settings(data_dir=tmp_path, token=TOKEN), graphs=GRAPHS) as services:
        app = create_app(services)
        for path in ("/api/v1/new", "/new"):
            app.get(path)(lambda: "told")
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://127.0.0.1"
            ) as client:
                told = await client.get(path, headers={"Authorization": f"Bearer {TOKEN}"})
                assert (told.status_code, told.json()["title"]) == (403, "Forbidden")


async def test_nobody_comes_in(api: Api, every: list[Endpoint]) -> None:
    async with browser(api) as nobody:
        for endpoint in every:
            answer = await asked(nobody, endpoint)
            if endpoint.call in ANYBODY:
                assert answer.status_code not in (401, 403), str(endpoint)
            else:
                assert answer.status_code == 401, str(endpoint)


@pytest.mark.parametrize("role", Role)
async def test_a_role_opens_what_its_permissions_open(
    roles: dict[Role, Signed], every: list[Endpoint], role: Role
) -> None:
    # Signing out would end it; whose token it is decides who may revoke it; the page's stream does not end.
    left_out = (signing.sign_in, signing.sign_out, tokens.revoke, live.live)
    for endpoint in (one for one in every if one.call not in left_out):
        asks = ASKED.get(endpoint.call)
        answer = await asked(roles[role].client, endpoint)
        if asks is None or asks in OF_ROLE[role]:
            assert answer.status_code not in (401, 403), f"{endpoint}: {answer.text}"
        else:
            assert answer.status_code == 403, f"{endpoint}: {answer.text}"
            assert asks in answer.json()["detail"]


@pytest.mark.parametrize(
    ("role", "command", "status"),
    [
        (Role.VIEWER, None, 403),
        (Role.ANALYST, None, 403),
        (Role.DEVELOPER, None, 404),
        (Role.VIEWER, {"resume": {"type": "approve"}}, 403),
        (Role.DEVELOPER, {"resume": {"type": "approve"}}, 403),
        (Role.ANALYST, {"resume": {"type": "approve"}}, 404),
        (Role.ANALYST, {"resume": {"type": "approve"}, "goto": "send"}, 403),
        (Role.ANALYST, {"resume": {"type": "approve"}, "update": {"sent": 1}}, 403),
        (Role.ANALYST, {"goto": "send"}, 403),
        (Role.ADMIN, {"resume": {"type": "approve"}, "goto": "send"}, 404),
    ],
)
@pytest.mark.parametrize("way", ["", "/wait", "/stream"])
async def test_an_answer_in_langgraph_s_words_is_a_decision_and_a_run_a_start(
    roles: dict[Role, Signed], role: Role, command: dict[str, object] | None, status: int, way: str
) -> None:
    body = {"assistant_id": "asking", "command": command, "if_not_exists": "reject"}
    answer = await roles[role].client.post(f"{_root(roles[role])}langgraph/threads/none/runs{way}", json=body)
    assert answer.status_code == status, answer.text


async def test_a_batch_is_refused_whole(roles: dict[Role, Signed]) -> None:
    analyst = roles[Role.ANALYST]
    bodies = [{"assistant_id": "asking"}]
    assert (
        await analyst.client.post(f"{_root(analyst)}langgraph/runs/batch", json=bodies)
    ).status_code == 403


async def test_who_may_only_look_cancels_no_run_by_hanging_up(api: Api, roles: dict[Role, Signed]) -> None:
    run_id, _ = await api.waiting()
    thread_id = (await api.client.get(f"runs/{run_id}")).json()["thread_id"]
    viewer = roles[Role.VIEWER]
    for way in ("join", "stream"):
        path = f"{_root(viewer)}langgraph/threads/{thread_id}/runs/{run_id}/{way}"
        refused = await viewer.client.get(path, params={"cancel_on_disconnect": True})
        assert refused.status_code == 403
        assert (await viewer.client.get(path)).status_code == 200


async def asked(client: httpx.AsyncClient, endpoint: Endpoint) -> httpx.Response:
    """Something that there is not, so that nothing is changed."""
    body = None if endpoint.method == "GET" else {}
    return await client.request(endpoint.method, client.base_url.join(endpoint.at("none")), json=body)


def _root(signed: Signed) -> httpx.URL:
    return signed.client.base_url.join("/")
