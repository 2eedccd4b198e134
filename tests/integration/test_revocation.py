"""What one process takes back is good in no other: told by the other process, not found out by looking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import pytest
import pytest_asyncio

from api.auth import COOKIE
from graphs.runtime.people import door
from tests.fakes.graphs import PATIENCE_S
from tests.fakes.house import house
from tests.fakes.persons import Signed, browser, signed
from tests.fakes.postgres import fresh_database
from tests.fakes.served import TOKEN, Api, served

from .test_credentials import bearer

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Two:
    """here: a server in this process, which knows for days whom it has once looked up; there: one in another
    process."""

    here: Api
    there: httpx.AsyncClient


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def two(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Two]:
    folders = [tmp_path_factory.mktemp(name) for name in ("here", "there")]
    with pytest.MonkeyPatch.context() as patched, fresh_database(request.param, request, folders[0]) as url:
        patched.setattr(door, "KNOWN_S", 86_400)
        async with AsyncExitStack() as stack:
            changed = {"database_url": url, "rate_per_minute": 0}
            here = await stack.enter_async_context(served(folders[0], changed))
            other = await stack.enter_async_context(house(url, folders[1]))
            client = httpx.AsyncClient(base_url=f"{other.base}/api/v1", headers=bearer(TOKEN), timeout=30)
            yield Two(here, await stack.enter_async_context(client))


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    """A notice is on its way for a moment; one that never comes is waited for in vain."""
    async with asyncio.timeout(PATIENCE_S):
        while not await look():  # noqa: ASYNC110 - the server is told, a test is not
            await asyncio.sleep(0.01)


async def shown(client: httpx.AsyncClient, headers: dict[str, str], status: int, path: str = "me") -> None:
    async def answered() -> bool:
        return (await client.get(path, headers=headers)).status_code == status

    await until(answered)


async def made(dev: Signed, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await dev.client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_session_that_is_ended_or_whose_owner_is_shut_out(two: Two) -> None:
    for login, shut_out in (("leaver", False), ("gone", True)):
        async with signed(two.here, login, "viewer") as one, browser(two.here) as client:
            cookie = {"Cookie": f"{COOKIE}={one.client.cookies[COOKIE]}"}
            await shown(client, cookie, 200)
            if shut_out:
                await two.there.patch(f"users/{one.id}", json={"disabled": True})
            else:
                csrf = {"X-CSRF-Token": one.client.headers["X-CSRF-Token"]}
                away = two.there.base_url.join("/logout")
                async with httpx.AsyncClient() as there:
                    assert (await there.post(away, headers=cookie | csrf)).status_code == 303
            await shown(client, cookie, 401)


async def test_a_right_that_is_taken_away(two: Two) -> None:
    async with signed(two.here, "fallen", "admin") as fallen:
        assert (await fallen.client.get("users")).status_code == 200
        await two.there.patch(f"users/{fallen.id}", json={"roles": ["viewer"]})
        await shown(fallen.client, {}, 403, "users")


async def test_a_key_that_is_removed_and_a_token_that_is_revoked(two: Two) -> None:
    async with signed(two.here, "dev", "developer") as dev, browser(two.here) as client:
        key = await made(dev, "keys", {"name": "ci", "roles": ["developer"]})
        token = await made(dev, "tokens", {})
        for secret, path in ((key["key"], f"keys/{key['id']}"), (token["token"], f"tokens/{token['jti']}")):
            await shown(client, bearer(secret), 200)
            assert (await two.there.delete(path)).status_code == 204
            await shown(client, bearer(secret), 401)


async def test_nothing_is_signed_with_a_key_that_another_process_has_retired(two: Two) -> None:
    async with signed(two.here, "signer", "developer") as signer:
        old = jwt.get_unverified_header((await made(signer, "tokens", {}))["token"])["kid"]
        assert (await two.there.post("tokens/rotate")).status_code == 200

        async def signed_anew() -> bool:
            token = (await made(signer, "tokens", {}))["token"]
            return bool(jwt.get_unverified_header(token)["kid"] != old)

        await until(signed_anew)
