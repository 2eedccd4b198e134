"""People for a test: users of a served API, each with a client that is signed in as a browser is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from .served import Api

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Signed:
    """A browser: it keeps the cookie, and sends the CSRF token with what it changes."""

    client: httpx.AsyncClient
    id: str
    login: str

    async def me(self) -> httpx.Response:
        return await self.client.get("me")


@asynccontextmanager
async def browser(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has not shown anything yet."""
    async with httpx.AsyncClient(base_url=api.client.base_url, timeout=30) as client:
        yield client


async def added(api: Api, login: str, roles: Sequence[str], *, tenant: str = "default", **more: Any) -> str:
    """The id of a new user."""
    body = {"login": login, "roles": list(roles), "password": PASSWORD, **more}
    answer = await api.client.post("users", json=body, params={"tenant": tenant})
    assert answer.status_code == 201, answer.text
    id: str = answer.json()["id"]
    return id


async def enter(
    client: httpx.AsyncClient, login: str, password: str = PASSWORD, *, code: str = ""
) -> httpx.Response:
    """Sign the browser in; the answer to its form."""
    form = {"login": login, "password": password, "code": code, "next": "/queue"}
    answer = await client.post(client.base_url.join("/login"), data=form)
    if answer.status_code == 303:
        client.headers["X-CSRF-Token"] = (await client.get("me")).json()["csrf"]
    return answer


@asynccontextmanager
async def signed(api: Api, login: str, *roles: str, **more: Any) -> AsyncIterator[Signed]:
    id = await added(api, login, roles, **more)
    async with browser(api) as client:
        assert (await enter(client, login)).status_code == 303
        yield Signed(client, id, login)
