"""Signing in by another house's account: there and back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Cookie, Query, Request
from starlette.responses import RedirectResponse

from api.cookies import remember
from api.deps import Serving
from api.routes.signing import local
from graphs.runtime.errors import NotFound, NotSignedIn
from graphs.runtime.people.oidc import LASTS_S, Oidc
from graphs.runtime.services import Services

PATH = "/login/oidc"
COOKIE = "artel_oidc"

router = APIRouter(prefix=PATH, tags=["page"], include_in_schema=False)


@router.get("")
async def begin(request: Request, services: Serving, next: str = "/") -> RedirectResponse:
    url, journey = await _oidc(services).begin(_back(request, services), local(next))
    answer = RedirectResponse(url, 303)
    # Lax: the other house leads back by a link.
    answer.set_cookie(COOKIE, journey, max_age=LASTS_S, path=PATH, httponly=True, samesite="lax")
    return answer


@router.get("/callback")
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
    answer = remember(RedirectResponse(next, 303), await services.entrance.sessions.open(user), request)
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


def _oidc(services: Services) -> Oidc:
    if services.entrance.oidc is None:
        raise NotFound("nobody signs in here by another house's account: set ARTEL_OIDC_ISSUER")
    return services.entrance.oidc


def _back(request: Request, services: Services) -> str:
    return f"{services.settings.public_url or str(request.base_url).rstrip('/')}{PATH}/callback"
