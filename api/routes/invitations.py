"""Invitations: the link, and the form behind it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from api.addresses import of_invitation
from api.cookies import remember
from api.deps import Asker, Serving
from api.pages.answering import PageRoute
from api.pages.entry import INVITE, entry
from api.pages.shell import Showing
from api.routes.users import Realm
from api.schemas.users import InvitationIn, InvitationMade, Login, Password
from graphs.runtime.people.invitations import Accepted

router = APIRouter(prefix="/invitations", tags=["users"])
door = APIRouter(route_class=PageRoute, prefix=INVITE, tags=["page"], include_in_schema=False)


@router.post("", status_code=201, response_model=InvitationMade, summary="Invite somebody")
async def invite(body: InvitationIn, services: Serving, tenant: Realm, asker: Asker) -> dict[str, Any]:
    """A link for one account with these roles; it is told only now."""
    secret, ends = await services.entrance.invitations.invite(tenant, body.roles, asker)
    await services.of(tenant).assistants.ensure(services.engine.graphs)
    return {"path": of_invitation(secret), "roles": body.roles, "expires_at": ends}


@door.get("/{secret}")
async def page(secret: str, request: Request, shell: Showing) -> Response:
    """Looking at a link does not use it: mail scanners look at links."""
    return entry(request, shell, INVITE, back=of_invitation(secret), secret=secret)


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
