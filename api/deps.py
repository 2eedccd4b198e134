"""What a route is handed: the services, and the person who asks."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Header, Request

from graphs.runtime.errors import BadRequest
from graphs.runtime.services import Services

NAME_LENGTH = 64


async def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def closing_of(request: Request) -> asyncio.Event:
    closing: asyncio.Event = request.app.state.closing
    return closing


async def actor_of(
    x_actor: Annotated[str, Header(description="who asks; percent-encoded when it is not ASCII")] = "owner",
) -> str:
    """`person:<name>`. The token is one for all, so the name is what the holder of the token says."""
    try:
        name = unquote_to_bytes(x_actor.encode("latin-1")).decode().strip()
    except UnicodeDecodeError:
        name = ""
    if not (name.isprintable() and 0 < len(name) <= NAME_LENGTH):
        raise BadRequest(f"X-Actor is not a name of 1 to {NAME_LENGTH} printable characters")
    return f"person:{name}"


Serving = Annotated[Services, Depends(services_of)]
Closing = Annotated[asyncio.Event, Depends(closing_of)]
Actor = Annotated[str, Depends(actor_of)]
