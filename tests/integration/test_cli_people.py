"""`artel users` as an operator uses it, beside a running server."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from typer.testing import CliRunner, Result

from api.cli import app
from tests.fakes.persons import PASSWORD, browser, enter
from tests.fakes.served import TOKEN, Api, served

Cli = Callable[..., Awaitable[Result]]


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with served(tmp_path) as api:
        yield api


@pytest.fixture
def cli(api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    monkeypatch.setenv("ARTEL_DATA_DIR", str(api.settings.data_dir))
    monkeypatch.setenv("ARTEL_TOKEN", TOKEN)
    monkeypatch.setenv("COLUMNS", "120")
    handlers = list(logging.root.handlers)

    async def run(*arguments: str, input: str | None = None) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, ["users", *arguments], input)

    yield run
    logging.root.handlers = handlers


async def test_people_are_added_listed_and_shut_out(api: Api, cli: Cli) -> None:
    given = f"{PASSWORD}\n{PASSWORD}\n"
    added = await cli("add", "Maria@firm.test", "--name", "Мария", "--role", "analyst", input=given)
    assert added.exit_code == 0, added.output
    assert "Заведена учётная запись maria@firm.test: analyst" in added.output
    assert PASSWORD not in added.output
    table = await cli("list")
    assert "maria@firm.test" in table.output and "вход открыт" in table.output
    async with browser(api) as maria:
        assert (await enter(maria, "maria@firm.test")).status_code == 303
        assert "Вход закрыт: maria@firm.test" in (await cli("disable", "maria@firm.test")).output
        assert (await maria.get("me")).status_code == 401
        assert (await cli("enable", "maria@firm.test")).exit_code == 0
        assert (await enter(maria, "maria@firm.test")).status_code == 303
    listed = json.loads((await cli("list", "--json")).output)["items"]
    assert [(user["login"], user["disabled_at"]) for user in listed] == [("maria@firm.test", None)]


async def test_an_invitation_s_link_leads_to_this_server(api: Api, cli: Cli) -> None:
    done = await cli("invite", "--role", "admin", "--tenant", "second")
    link = next(word for word in done.output.split() if word.startswith("http"))
    async with httpx.AsyncClient() as client:
        assert (await client.get(link)).status_code == 200
    secret = link.rpartition("/")[2]
    form = {"secret": secret, "login": "boss", "name": "Boss", "password": PASSWORD}
    async with browser(api) as boss:
        assert (await boss.post(boss.base_url.join("/invite"), data=form)).status_code == 303
    assert "boss" in (await cli("list", "--tenant", "second")).output
    assert "boss" not in (await cli("list")).output


async def test_what_cannot_be_done_is_one_line(api: Api, cli: Cli) -> None:
    unknown = await cli("disable", "ghost")
    assert (unknown.exit_code, str(unknown.exception)) == (1, "нет учётной записи 'ghost'")
    king = await cli("add", "king", "--role", "king", "--password", PASSWORD)
    assert king.exit_code == 1 and "roles" in str(king.exception)
