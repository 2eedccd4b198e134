"""Signing in by another house's account, against a real OpenID provider on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio

from api.auth import COOKIE
from graphs.runtime.people import halfway, totp
from graphs.runtime.people.throttle import BOTH
from tests.fakes.oidc import CLIENT, SECRET, FakeOidc
from tests.fakes.persons import added, browser, signed
from tests.fakes.served import Api, served

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARIA = {"email": "Maria@firm.test"}


@pytest.fixture(scope="module")
def house() -> Iterator[FakeOidc]:
    with FakeOidc() as house:
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory, house: FakeOidc) -> AsyncIterator[Api]:
    settings = {"oidc_issuer": house.issuer, "oidc_client": CLIENT, "oidc_secret": SECRET}
    async with served(tmp_path_factory.mktemp("oidc"), {**settings, "rate_per_minute": 0}) as api:
        await added(api, "maria@firm.test", ["analyst"])
        yield api


@pytest_asyncio.fixture(loop_scope="module")
async def client(api: Api, house: FakeOidc) -> AsyncIterator[httpx.AsyncClient]:
    house.claims, house.forged = MARIA, False
    async with browser(api) as client:
        yield client


async def back(client: httpx.AsyncClient) -> str:
    """Go to the other house, sign in there; the address that it sends one back to."""
    sent = await client.get(client.base_url.join("/login/oidc?next=/queue"))
    assert sent.status_code == 303
    there = await client.get(sent.headers["location"])
    return str(there.headers["location"])


async def test_who_has_an_account_comes_in(client: httpx.AsyncClient) -> None:
    answer = await client.get(await back(client))
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    assert (await client.get("me")).json()["login"] == "maria@firm.test"


async def test_a_code_is_good_once_and_in_its_own_browser_only(api: Api, client: httpx.AsyncClient) -> None:
    address = await back(client)
    async with browser(api) as thief:
        assert (await thief.get(address)).status_code == 401
        await back(thief)
        assert (await thief.get(address)).status_code == 401
        assert COOKIE not in thief.cookies
    assert (await client.get(address)).status_code == 303
    client.cookies.clear()
    assert (await client.get(address)).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@firm.test"},
        {},
        {**MARIA, "email_verified": False},
        {**MARIA, "aud": "another"},
        {**MARIA, "iss": "https://evil.test"},
        {**MARIA, "nonce": "another"},
        {**MARIA, "exp": 1},
    ],
)
async def test_a_token_that_says_otherwise_lets_nobody_in(
    client: httpx.AsyncClient, house: FakeOidc, claims: dict[str, Any]
) -> None:
    house.claims = claims
    assert (await client.get(await back(client))).status_code == 401
    assert COOKIE not in client.cookies


async def test_a_token_of_another_s_key_lets_nobody_in(client: httpx.AsyncClient, house: FakeOidc) -> None:
    house.forged = True
    assert (await client.get(await back(client))).status_code == 401


async def test_a_refusal_there_is_one_here(client: httpx.AsyncClient) -> None:
    state = parse_qs(urlsplit(await back(client)).query)["state"][0]
    address = client.base_url.join("/login/oidc/callback")
    answer = await client.get(address, params={"state": state, "error": "access_denied"})
    assert (answer.status_code, answer.json()["detail"]) == (401, "the other house refused: access_denied")


async def test_who_is_disabled_does_not_come_in(api: Api, client: httpx.AsyncClient, house: FakeOidc) -> None:
    house.claims = {"email": "left@firm.test"}
    id = await added(api, "left@firm.test", ["viewer"])
    await api.client.patch(f"users/{id}", json={"disabled": True})
    assert (await client.get(await back(client))).status_code == 401


async def test_who_has_a_second_factor_owes_its_code(
    api: Api, client: httpx.AsyncClient, house: FakeOidc
) -> None:
    house.claims = {"email": "anna@firm.test"}
    async with signed(api, "anna@firm.test", "viewer") as anna:
        secret = (await anna.client.post("me/totp")).json()["secret"]

        def code(steps: int) -> str:
            return totp.code(secret, totp.step_of(datetime.now(UTC)) + steps)

        assert (await anna.client.put("me/totp", json={"code": code(-1)})).status_code == 204
    place = client.base_url.join("/login/code")
    assert (await client.post(place, data={"code": code(0)})).status_code == 401
    asked = await client.get(await back(client))
    assert (asked.status_code, asked.headers["location"]) == (303, "/login/code")
    assert (await client.get("me")).status_code == 401
    assert 'action="/login/code?csrf="' in (await client.get(place)).text
    wrong = await client.post(place, data={"code": "000000"})
    assert (wrong.status_code, COOKIE in client.cookies) == (401, False)
    came = await client.post(place, data={"code": code(0)})
    assert (came.status_code, came.headers["location"]) == (303, "/queue")
    assert (await client.get("me")).json()["login"] == "anna@firm.test"


async def test_a_code_is_tried_so_often_and_soon_enough_by_who_is_still_let_in(
    api: Api, client: httpx.AsyncClient, house: FakeOidc, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.claims = {"email": "boris@firm.test"}
    async with signed(api, "boris@firm.test", "viewer") as boris:
        secret = (await boris.client.post("me/totp")).json()["secret"]
        right = totp.code(secret, totp.step_of(datetime.now(UTC)))
        assert (await boris.client.put("me/totp", json={"code": right})).status_code == 204
    place = client.base_url.join("/login/code")
    await client.get(await back(client))
    tried = [(await client.post(place, data={"code": "000000"})).status_code for _ in range(BOTH + 1)]
    assert tried == [401] * BOTH + [429]
    monkeypatch.setattr(halfway, "LASTS_S", -1)
    late = (await client.get(await back(client))).headers["set-cookie"].partition(";")[0]
    answer = await client.post(place, data={"code": right}, headers={"Cookie": late})
    assert "too late" in answer.json()["detail"]
    monkeypatch.undo()
    await client.get(await back(client))
    await api.client.patch(f"users/{boris.id}", json={"disabled": True})
    assert "disabled" in (await client.post(place, data={"code": right})).json()["detail"]


async def test_what_was_sealed_for_one_step_does_not_do_for_the_other(client: httpx.AsyncClient) -> None:
    await back(client)
    journey = client.cookies["artel_oidc"]
    answer = await client.post(
        client.base_url.join("/login/code"),
        data={"code": "000000"},
        headers={"Cookie": f"artel_halfway={journey}"},
    )
    assert answer.status_code == 401
