"""What a route is handed: the services, and the person who asks (see api.auth)."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Header, Request

from graphs.runtime.errors import BadRequest, NotSignedIn
from graphs.runtime.people.rights import Person
from graphs.runtime.services import Services

NAME_LENGTH = 64


async def services_of(request: Request) -> Services:
    """Those of the tenant of who asks: whatever is asked of them is asked of this tenant's rows."""
    services: Services = request.app.state.services
    person: Person | None = request.state.person
    return services if person is None else services.of(person.tenant)


async def closing_of(request: Request) -> asyncio.Event:
    closing: asyncio.Event = request.app.state.closing
    return closing


async def person_of(request: Request) -> Person:
    """Who is signed in. Errors: NotSignedIn."""
    person: Person | None = request.state.person
    if person is None:
        raise NotSignedIn("sign in first")
    return person


async def actor_of(
    request: Request,
    x_actor: Annotated[
        str, Header(description="who asks by the one token; percent-encoded when it is not ASCII")
    ] = "owner",
) -> str:
    """`person:<login>`. The installation's own token is one for all: its holder says the name."""
    asker = await person_of(request)
    if not asker.is_owner:
        return asker.actor
    try:
        name = unquote_to_bytes(x_actor.encode("latin-1")).decode().strip()
    except UnicodeDecodeError:
        name = ""
    if not (name.isprintable() and 0 < len(name) <= NAME_LENGTH):
        raise BadRequest(f"X-Actor is not a name of 1 to {NAME_LENGTH} printable characters")
    return f"person:{name}"


def address_of(request: Request) -> str:
    """Where the request comes from; behind a proxy in ARTEL_PROXIES, what that says of it."""
    return request.client.host if request.client else ""


Serving = Annotated[Services, Depends(services_of)]
Closing = Annotated[asyncio.Event, Depends(closing_of)]
Asker = Annotated[Person, Depends(person_of)]
Actor = Annotated[str, Depends(actor_of)]
