"""Invitations over HTTP, on both databases, and the link of the first start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from api.server import serving
from graphs.runtime.errors import NotFound
from graphs.runtime.people.invitations import LASTS, Accepted
from graphs.runtime.people.rights import owner
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings
from memory.models import Role
from tests.fakes.clock import Hands
from tests.fakes.persons import PASSWORD, browser, signed
from tests.fakes.postgres import fresh_database
from tests.fakes.served import GRAPHS, TOKEN, Api, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    folder = tmp_path_factory.mktemp("invitations")
    with fresh_database(request.param, request, folder) as url:
        async with served(folder, {"database_url": url, "rate_per_minute": 0}) as api:
            yield api


async def invited(api: Api, *roles: str, **params: str) -> str:
    answer = await api.client.post("invitations", json={"roles": list(roles)}, params=params)
    assert answer.status_code == 201, answer.text
    path: str = answer.json()["path"]
    return path


async def accept(client: httpx.AsyncClient, path: str, login: str, **more: str) -> httpx.Response:
    form = {"secret": path.removeprefix("/invite/"), "login": login, "name": "Анна", "password": PASSWORD}
    return await client.post(client.base_url.join("/invite"), data={**form, **more})


async def test_who_accepts_is_signed_in_with_the_roles_of_the_invitation(api: Api) -> None:
    path = await invited(api, "analyst", "operator")
    async with browser(api) as anna:
        page = await anna.get(anna.base_url.join(path))
        assert page.status_code == 200 and "script" not in page.text
        assert (await accept(anna, path, "anna")).status_code == 303
        me = (await anna.get("me")).json()
        assert (me["login"], me["name"], me["roles"]) == ("anna", "Анна", ["analyst", "operator"])


async def test_a_link_makes_one_account_however_many_use_it_at_once(api: Api) -> None:
    path = await invited(api, "viewer")
    async with browser(api) as client:
        many = await asyncio.gather(*(accept(client, path, f"racer{number}") for number in range(6)))
        assert sorted(answer.status_code for answer in many) == [303] + [404] * 5
    users = (await api.client.get("users")).json()["items"]
    assert len([user for user in users if user["login"].startswith("racer")]) == 1


async def test_a_form_that_is_refused_leaves_the_link_good(api: Api) -> None:
    path = await invited(api, "viewer")
    async with browser(api) as client:
        await accept(client, await invited(api, "viewer"), "first")
        client.cookies.clear()
        assert (await accept(client, path, "first")).status_code == 409
        assert (await accept(client, path, "second", password="short")).status_code == 422
        assert (await accept(client, path, "second")).status_code == 303


async def test_an_invitation_is_into_the_tenant_of_who_invites(api: Api) -> None:
    path = await invited(api, "admin", tenant="elsewhere")
    async with browser(api) as client:
        assert (await accept(client, path, "elsewhere-admin")).status_code == 303
        assert (await client.get("me")).json()["tenant"] == "elsewhere"


async def test_nobody_invites_with_rights_they_have_not(api: Api) -> None:
    async with signed(api, "not-an-admin", "operator") as operator:
        answer = await operator.client.post("invitations", json={"roles": ["viewer"]})
        assert answer.status_code == 403


async def test_an_invitation_ends(tmp_path: Path) -> None:
    clock = Hands()
    settings = Settings(data_dir=tmp_path, token=TOKEN)
    async with open_services(settings, clock=clock, graphs=GRAPHS) as services:
        invitations = services.entrance.invitations
        secret, ends = await invitations.invite("default", [Role.VIEWER], owner("ru"))
        assert ends == clock.now + LASTS
        clock.now += LASTS - timedelta(seconds=1)
        late, _ = await invitations.invite("default", [Role.VIEWER], owner("ru"))
        clock.now += timedelta(seconds=1)
        with pytest.raises(NotFound):
            await invitations.accept(Accepted(secret, "late", "Late", PASSWORD))
        assert (await invitations.accept(Accepted(late, "late", "Late", PASSWORD))).login == "late"


async def test_the_first_link_is_told_once_and_only_while_there_is_nobody(tmp_path: Path) -> None:
    told: list[str] = []

    for _ in range(2):
        settings = Settings(data_dir=tmp_path, token=TOKEN)
        async with serving(
            settings, host="127.0.0.1", port=0, schedules=False, graphs=GRAPHS, invited=told.append
        ):
            pass
    [link] = told
    assert "/invite/" in link
