"""Signing in and out of the page: a form's fields in, a cookie out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse

from api.cookies import forget, remember
from api.deps import Asker, Serving, address_of
from api.pages.answering import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/login")
async def sign_in(
    request: Request,
    services: Serving,
    login: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=1000)],
    code: Annotated[str, Form(max_length=20)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> RedirectResponse:
    """To `next`, an address of ours. Errors: NotSignedIn; TooMany."""
    opened = await services.entrance.sessions.sign_in(
        login.strip().lower(), password, code, address_of(request)
    )
    return remember(RedirectResponse(local(next), 303), opened, request)


@router.post("/logout")
async def sign_out(services: Serving, asker: Asker) -> RedirectResponse:
    await services.entrance.sessions.sign_out(asker)
    return forget(RedirectResponse("/login", 303))


def local(address: str) -> str:
    """The address if it is a path of ours, else the first page: no link leads elsewhere through us."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if ours else "/"
