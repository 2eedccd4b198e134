"""Signing in by another house's account: there and back, and by the code of one's second factor."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Cookie, Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse

from api.cookies import lend, remember
from api.deps import Serving, address_of
from api.forms import form
from api.routes.signing import local
from graphs.runtime.errors import NotFound, NotSignedIn
from graphs.runtime.people import halfway
from graphs.runtime.people.oidc import LASTS_S, Oidc
from graphs.runtime.services import Services

PATH, CODE_PATH = "/login/oidc", "/login/code"
COOKIE, CODE_COOKIE = "artel_oidc", "artel_halfway"

_FIELDS = """<p><label>Код из приложения · Code from the app <input name="code" required maxlength="20"
inputmode="numeric" autocomplete="one-time-code"></label></p>"""

router = APIRouter(tags=["page"], include_in_schema=False)


@router.get(PATH)
async def begin(request: Request, services: Serving, next: str = "/") -> RedirectResponse:
    url, journey = await _oidc(services).begin(_back(request, services), local(next))
    return lend(RedirectResponse(url, 303), COOKIE, journey, request, path=PATH, lasts_s=LASTS_S)


@router.get(f"{PATH}/callback")
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
        asked = RedirectResponse(CODE_PATH, 303)
        answer = lend(asked, CODE_COOKIE, sealed, request, path=CODE_PATH, lasts_s=halfway.LASTS_S)
    else:
        answer = remember(RedirectResponse(next, 303), await sessions.open(user), request)
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


@router.get(CODE_PATH)
async def ask_code() -> HTMLResponse:
    return form("второй фактор · Second factor", CODE_PATH, _FIELDS)


@router.post(CODE_PATH)
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
    answer.delete_cookie(CODE_COOKIE, path=CODE_PATH)
    return answer


def _oidc(services: Services) -> Oidc:
    if services.entrance.oidc is None:
        raise NotFound("nobody signs in here by another house's account: set ARTEL_OIDC_ISSUER")
    return services.entrance.oidc


def _back(request: Request, services: Services) -> str:
    return f"{services.settings.public_url or str(request.base_url).rstrip('/')}{PATH}/callback"
