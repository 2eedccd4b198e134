"""Signing in by another house's account: there and back, and by the code of one's second factor."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Cookie, Form, Query, Request, Response
from starlette.responses import RedirectResponse

from api.cookies import lend, remember
from api.deps import Serving, address_of
from api.pages.answering import PageRoute
from api.pages.entry import CODE, ELSEWHERE, entry
from api.pages.shell import Showing
from api.routes.signing import local
from graphs.runtime.errors import NotFound, NotSignedIn
from graphs.runtime.people import halfway
from graphs.runtime.people.oidc import LASTS_S, Oidc
from graphs.runtime.services import Services

COOKIE, CODE_COOKIE = "artel_oidc", "artel_halfway"

router = APIRouter(route_class=PageRoute, tags=["page"], include_in_schema=False)


@router.get(ELSEWHERE)
async def begin(request: Request, services: Serving, next: str = "/") -> RedirectResponse:
    url, journey = await _oidc(services).begin(_back(request, services), local(next))
    return lend(RedirectResponse(url, 303), COOKIE, journey, request, path=ELSEWHERE, lasts_s=LASTS_S)


@router.get(f"{ELSEWHERE}/callback")
async def finish(
    request: Request,
    services: Serving,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
    artel_oidc: Annotated[str, Cookie()] = "",
) -> RedirectResponse:
    if error:
        raise NotSignedIn(f"the other house refused: {error}")
    user, next = await _oidc(services).finish(_back(request, services), artel_oidc, state, code)
    sessions = services.entrance.sessions
    if sealed := sessions.halfway(user, next):
        asked = RedirectResponse(CODE, 303)
        answer = lend(asked, CODE_COOKIE, sealed, request, path=CODE, lasts_s=halfway.LASTS_S)
    else:
        answer = remember(RedirectResponse(next, 303), await sessions.open(user), request)
    answer.delete_cookie(COOKIE, path=ELSEWHERE)
    return answer


@router.get(CODE)
async def ask_code(request: Request, shell: Showing) -> Response:
    return entry(request, shell, CODE)


@router.post(CODE)
async def take_code(
    request: Request,
    services: Serving,
    code: Annotated[str, Form(max_length=20)],
    artel_halfway: Annotated[str, Cookie()] = "",
) -> RedirectResponse:
    """Errors: NotSignedIn; TooMany."""
    sessions = services.entrance.sessions
    opened, next = await sessions.finish(artel_halfway, code, address_of(request))
    answer = remember(RedirectResponse(next, 303), opened, request)
    answer.delete_cookie(CODE_COOKIE, path=CODE)
    return answer


def _oidc(services: Services) -> Oidc:
    if services.entrance.oidc is None:
        raise NotFound("nobody signs in here by another house's account: set ARTEL_OIDC_ISSUER")
    return services.entrance.oidc


def _back(request: Request, services: Services) -> str:
    return f"{services.settings.public_url or str(request.base_url).rstrip('/')}{ELSEWHERE}/callback"
