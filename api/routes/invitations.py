"""Invitations: the link, and the form behind it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse

from api.addresses import of_invitation
from api.cookies import remember
from api.deps import Asker, Serving
from api.forms import form
from api.routes.users import Realm
from api.schemas.users import InvitationIn, InvitationMade, Login, Password
from graphs.runtime.people.invitations import Accepted

router = APIRouter(prefix="/invitations", tags=["users"])
door = APIRouter(prefix="/invite", tags=["page"], include_in_schema=False)

_FIELDS = """<input type="hidden" name="secret" value="{secret}">
<p><label>Логин · Login <input name="login" required maxlength="64" autocomplete="username"></label></p>
<p><label>Имя · Name <input name="name" required maxlength="300" autocomplete="name"></label></p>
<p><label>Пароль · Password <input name="password" type="password" required minlength="10"
autocomplete="new-password"></label></p>"""


@router.post("", status_code=201, response_model=InvitationMade, summary="Invite somebody")
async def invite(body: InvitationIn, services: Serving, tenant: Realm, asker: Asker) -> dict[str, Any]:
    """A link for one account with these roles; it is told only now."""
    secret, ends = await services.entrance.invitations.invite(tenant, body.roles, asker)
    await services.of(tenant).assistants.ensure(services.engine.graphs)
    return {"path": of_invitation(secret), "roles": body.roles, "expires_at": ends}


@door.get("/{secret}")
async def page(secret: str) -> HTMLResponse:
    """Looking at a link does not use it: mail scanners look at links."""
    shown = "".join(mark for mark in secret if mark.isalnum() or mark in "-_")
    return form("новая учётная запись · New account", "/invite", _FIELDS.format(secret=shown))


@door.post("")
async def accept(
    request: Request,
    services: Serving,
    secret: Annotated[str, Form(max_length=100)],
    login: Annotated[Login, Form()],
    name: Annotated[str, Form(min_length=1, max_length=300)],
    password: Annotated[Password, Form()],
) -> RedirectResponse:
    """The account is made and its owner signed in. Errors: NotFound; Conflict: the login."""
    entrance = services.entrance
    user = await entrance.invitations.accept(Accepted(secret, login, name.strip() or login, password))
    return remember(RedirectResponse("/", 303), await entrance.sessions.open(user), request)
