"""`artel users`: who may come in, and do what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .talk import AsJson, talk

if TYPE_CHECKING:
    from api.desk import Desk

app = typer.Typer(no_args_is_help=True, help="Люди и права · People and rights")

Login = Annotated[str, typer.Argument(help="Логин, например почта · The login, such as an e-mail")]
Roles = Annotated[
    list[str],
    typer.Option("--role", help="viewer, analyst, developer, operator, admin; повторяемо · repeatable"),
]
Subject = Annotated[
    str, typer.Argument(help="Логин или role:<роль> · A login, or role:<role>, such as role:analyst")
]
Tenant = Annotated[
    str | None, typer.Option(help="Организация; новая заводится · The tenant, made when it is new")
]


@app.command("list")
def list_users(ctx: typer.Context, tenant: Tenant = None, as_json: AsJson = False) -> None:
    """Кто есть и что может · Who there is and may do what."""

    async def work(desk: Desk) -> None:
        from api import tables

        desk.show(await desk.get("users", tenant=tenant), tables.users, as_json=as_json)

    talk(ctx, work)


@app.command()
def add(
    ctx: typer.Context,
    login: Login,
    role: Roles,
    name: Annotated[str | None, typer.Option(help="Имя для других · The name that others see")] = None,
    password: Annotated[
        str | None, typer.Option(help="Без него спросит · Asked for when it is left out")
    ] = None,
    tenant: Tenant = None,
) -> None:
    """Завести человека · Add a person."""
    secret = password or typer.prompt("Пароль · Password", hide_input=True, confirmation_prompt=True)
    body = {"login": login, "name": name, "roles": role, "password": secret}

    async def work(desk: Desk) -> None:
        added = await desk.post(_path("users", tenant), body)
        desk.say(desk.words("user.added", login=added["login"], roles=", ".join(added["roles"])))

    talk(ctx, work)


@app.command()
def disable(ctx: typer.Context, login: Login, tenant: Tenant = None) -> None:
    """Закрыть вход сразу · Shut somebody out at once."""
    _switch(ctx, login, tenant, disabled=True)


@app.command()
def enable(ctx: typer.Context, login: Login, tenant: Tenant = None) -> None:
    """Открыть вход снова · Let somebody in again."""
    _switch(ctx, login, tenant, disabled=False)


@app.command()
def invite(ctx: typer.Context, role: Roles, tenant: Tenant = None) -> None:
    """Ссылка, по которой заводят учётную запись · A link to make an account by."""

    async def work(desk: Desk) -> None:
        made = await desk.post(_path("invitations", tenant), {"roles": role})
        origin = desk.settings.public_url or str(desk.api.base_url.join("/")).rstrip("/")
        ends = desk.words.time(made["expires_at"])
        desk.say(desk.words("user.invited", link=origin + made["path"], ends=ends))

    talk(ctx, work)


@app.command()
def limit(
    ctx: typer.Context,
    who: Subject,
    rub: Annotated[int, typer.Argument(min=0, help="Рублей · Roubles")],
    tenant: Tenant = None,
) -> None:
    """До какой суммы человек или роль одобряют сделки · The amount up to which one approves deals."""

    async def work(desk: Desk) -> None:
        put = await desk.put(_path(f"limits/{_subject(who)}", tenant), {"rub": rub})
        desk.say(desk.words("limit.set", who=who, limit=desk.words.roubles(put["rub"])))

    talk(ctx, work)


@app.command()
def unlimit(ctx: typer.Context, who: Subject, tenant: Tenant = None) -> None:
    """Снять предел · Take a limit away."""

    async def work(desk: Desk) -> None:
        await desk.api.delete(_path(f"limits/{_subject(who)}", tenant))
        desk.say(desk.words("limit.removed", who=who))

    talk(ctx, work)


@app.command()
def limits(ctx: typer.Context, tenant: Tenant = None, as_json: AsJson = False) -> None:
    """Пределы людей и ролей · The limits of people and roles."""

    async def work(desk: Desk) -> None:
        from api import tables

        desk.show(await desk.get("limits", tenant=tenant), tables.limits, as_json=as_json)

    talk(ctx, work)


def _subject(who: str) -> str:
    """As an address has it. A login has no colon."""
    from urllib.parse import quote

    return quote(who if ":" in who else f"person:{who.lower()}")


def _switch(ctx: typer.Context, login: str, tenant: str | None, *, disabled: bool) -> None:
    async def work(desk: Desk) -> None:
        user = await _named(desk, login, tenant)
        await desk.patch(_path(f"users/{user['id']}", tenant), {"disabled": disabled})
        desk.say(desk.words("user.disabled" if disabled else "user.enabled", login=user["login"]))

    talk(ctx, work)


async def _named(desk: Desk, login: str, tenant: str | None) -> dict[str, Any]:
    from api.client import Refused

    users: list[dict[str, Any]] = (await desk.get("users", tenant=tenant))["items"]
    for user in users:
        if login.lower() in (user["login"], user["id"]):
            return user
    raise Refused(desk.words("user.unknown", login=login))


def _path(path: str, tenant: str | None) -> str:
    from urllib.parse import urlencode

    return f"{path}?{urlencode({'tenant': tenant})}" if tenant else path
