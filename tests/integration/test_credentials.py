"""API keys and tokens over HTTP, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
import pytest_asyncio

from memory import credentials
from memory.ids import digest
from tests.fakes.persons import Signed, browser, signed
from tests.fakes.postgres import fresh_database
from tests.fakes.served import TOKEN, Api, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    folder = tmp_path_factory.mktemp("credentials")
    with fresh_database(request.param, request, folder) as url:
        async with served(folder, {"database_url": url, "rate_per_minute": 0}) as api:
            yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def dev(api: Api) -> AsyncIterator[Signed]:
    async with signed(api, "dev", "developer", "operator") as dev:
        yield dev


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(api) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def keyed(dev: Signed, *roles: str, **more: Any) -> dict[str, Any]:
    answer = await dev.client.post("keys", json={"name": "ci", "roles": list(roles), **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def token_of(dev: Signed, lasts_s: int = 3600) -> dict[str, Any]:
    answer = await dev.client.post("tokens", json={"lasts_s": lasts_s})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_key_may_what_its_roles_and_its_user_s_both_give(
    api: Api, dev: Signed, machine: httpx.AsyncClient
) -> None:
    key = (await keyed(dev, "developer"))["key"]
    for headers in (bearer(key), {"X-Api-Key": key}):
        me = (await machine.get("me", headers=headers)).json()
        assert (me["login"], me["csrf"]) == ("dev", None)
        assert set(me["permissions"]) == {"review:read", "run:start", "run:cancel", "audit:read"}
    wire = machine.base_url.join("/langgraph/threads")
    assert (await machine.post(wire, json={}, headers={"X-Api-Key": key})).status_code == 200
    assert (await machine.post("feeds", json={}, headers=bearer(key))).status_code == 403
    await api.client.patch(f"users/{dev.id}", json={"roles": ["operator", "viewer"]})
    narrowed = set((await machine.get("me", headers=bearer(key))).json()["permissions"])
    await api.client.patch(f"users/{dev.id}", json={"roles": ["developer"]})
    widened = set((await machine.get("me", headers=bearer(key))).json()["permissions"])
    await api.client.patch(f"users/{dev.id}", json={"roles": ["developer", "operator"]})
    assert narrowed == widened == set(me["permissions"])


async def test_a_key_is_kept_as_a_digest_and_never_told_again(api: Api, dev: Signed) -> None:
    made = await keyed(dev, "developer")
    listed = await dev.client.get("keys")
    assert made["id"] in {one["id"] for one in listed.json()["items"]} and made["key"] not in listed.text
    kept = await api.memory.read(credentials.get_key, made["id"])
    assert kept is not None and kept.digest == digest(made["key"])


async def test_a_key_that_is_taken_back_or_over_is_good_no_more(
    dev: Signed, machine: httpx.AsyncClient
) -> None:
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    over = await keyed(dev, "developer", expires_at=past)
    assert (await machine.get("me", headers=bearer(over["key"]))).status_code == 401
    made = await keyed(dev, "developer")
    assert (await machine.get("me", headers=bearer(made["key"]))).status_code == 200
    assert (await dev.client.delete(f"keys/{made['id']}")).status_code == 204
    assert (await machine.get("me", headers=bearer(made["key"]))).status_code == 401


async def test_nobody_makes_a_key_with_rights_they_have_not_or_sees_another_s(api: Api, dev: Signed) -> None:
    assert (await dev.client.post("keys", json={"name": "n", "roles": ["admin"]})).status_code == 403
    async with signed(api, "other", "viewer") as other:
        made = await keyed(dev, "developer")
        assert (await other.client.delete(f"keys/{made['id']}")).status_code == 404
        assert (await other.client.get("keys", params={"user_id": dev.id})).status_code == 403
        theirs = {"name": "n", "roles": ["viewer"], "user_id": dev.id}
        assert (await other.client.post("keys", json=theirs)).status_code == 403
    assert (await api.client.post("keys", json={**theirs, "user_id": None})).status_code == 409
    assert (await api.client.post("keys", json=theirs)).status_code == 201


async def test_a_token_s_signature_is_verified_by_the_published_key(
    api: Api, dev: Signed, machine: httpx.AsyncClient
) -> None:
    issued = await token_of(dev)
    me = (await machine.get("me", headers=bearer(issued["token"]))).json()
    assert me["login"] == "dev"
    keys = (await machine.get(machine.base_url.join("/.well-known/jwks.json"))).json()
    assert all(set(key) == {"kty", "n", "e", "use", "alg", "kid"} for key in keys["keys"])
    by_kid = {key.key_id: key for key in jwt.PyJWKSet.from_dict(keys).keys}
    kid = jwt.get_unverified_header(issued["token"])["kid"]
    claims = jwt.decode(issued["token"], by_kid[kid], ["RS256"], audience="artel", issuer="artel")
    assert (claims["sub"], claims["jti"], claims["tenant"]) == (dev.id, issued["jti"], "default")


async def test_a_token_by_a_key_may_no_more_than_the_key(dev: Signed, machine: httpx.AsyncClient) -> None:
    key = (await keyed(dev, "developer"))["key"]
    issued = (await machine.post("tokens", json={}, headers=bearer(key))).json()
    me = (await machine.get("me", headers=bearer(issued["token"]))).json()
    assert "settings:write" not in me["permissions"] and "run:start" in me["permissions"]


async def test_a_revoked_token_is_good_no_more(api: Api, dev: Signed, machine: httpx.AsyncClient) -> None:
    mine, other = await token_of(dev), await token_of(dev)
    headers = bearer(mine["token"])
    assert (await machine.delete(f"tokens/{other['jti']}", headers=headers)).status_code == 403
    assert (await machine.delete(f"tokens/{mine['jti']}", headers=headers)).status_code == 204
    assert (await machine.get("me", headers=headers)).status_code == 401
    assert (await machine.get("me", headers=bearer(other["token"]))).status_code == 200
    assert (await api.client.delete(f"tokens/{other['jti']}")).status_code == 204
    assert (await machine.get("me", headers=bearer(other["token"]))).status_code == 401


async def test_after_a_rotation_the_old_tokens_are_good_and_new_ones_have_another_key(
    dev: Signed, machine: httpx.AsyncClient
) -> None:
    old = await token_of(dev)
    kid = (await dev.client.post("tokens/rotate")).json()["kid"]
    new = await token_of(dev)
    assert jwt.get_unverified_header(new["token"])["kid"] == kid
    assert jwt.get_unverified_header(old["token"])["kid"] != kid
    for token in (old["token"], new["token"]):
        assert (await machine.get("me", headers=bearer(token))).status_code == 200


async def test_a_forged_token_is_refused(dev: Signed, machine: httpx.AsyncClient) -> None:
    real = (await token_of(dev))["token"]
    header, claims = jwt.get_unverified_header(real), jwt.decode(real, options={"verify_signature": False})
    public = (await machine.get(machine.base_url.join("/.well-known/jwks.json"))).json()["keys"][0]["n"]
    body = real.split(".")
    forged = [
        jwt.encode(claims, "x" * 32, "HS256", headers={"kid": header["kid"]}),
        jwt.encode(claims, public, "HS256", headers={"kid": header["kid"]}),
        jwt.encode(claims, None, "none", headers={"kid": header["kid"]}),
        f"{body[0]}.{body[1]}.",
        f"{body[0]}.{body[1]}x.{body[2]}",
        "a.b.c",
        "artel_nothing",
        TOKEN[:-1],
    ]
    for token in forged:
        assert (await machine.get("me", headers=bearer(token))).status_code == 401


async def test_who_is_disabled_has_no_good_key_or_token(api: Api, machine: httpx.AsyncClient) -> None:
    async with signed(api, "leaving", "developer") as leaving:
        shown = [(await keyed(leaving, "developer"))["key"], (await token_of(leaving))["token"]]
        for secret in shown:
            assert (await machine.get("me", headers=bearer(secret))).status_code == 200
        await api.client.patch(f"users/{leaving.id}", json={"disabled": True})
        for secret in shown:
            assert (await machine.get("me", headers=bearer(secret))).status_code == 401
