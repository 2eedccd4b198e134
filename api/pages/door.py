"""The door: the form to sign in with (api.routes.signing takes it), and the language of the pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from ..routes.signing import local
from .answering import PageRoute
from .entry import entry
from .shell import LANG_COOKIE, Showing

router = APIRouter(route_class=PageRoute, include_in_schema=False)

YEAR_S = 365 * 86_400


@router.get("/login")
async def door(request: Request, shell: Showing, next: str = "/queue") -> Response:
    return entry(request, shell, back=local(next))


@router.get("/")
async def home() -> Response:
    return RedirectResponse("/queue", 303)


@router.post("/language")
async def choose_language(lang: Annotated[str, Form()], next: Annotated[str, Form()] = "/queue") -> Response:
    answer = RedirectResponse(local(next), 303)
    answer.set_cookie(LANG_COOKIE, "en" if lang == "en" else "ru", max_age=YEAR_S, samesite="lax")
    return answer
