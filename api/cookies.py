"""The cookie of a session: no script reads it, no other site's page sends it along with what it changes."""

from __future__ import annotations

from typing import TypeVar

from fastapi import Request, Response

from graphs.runtime.people.sessions import Opened

from .auth import COOKIE

R = TypeVar("R", bound=Response)


def lend(answer: R, name: str, value: str, request: Request, *, path: str, lasts_s: int) -> R:
    """A cookie for the next steps of signing in. Lax: another house leads back by a link."""
    answer.set_cookie(
        name, value, lasts_s, path=path, httponly=True, samesite="lax", secure=_is_secure(request)
    )
    return answer


def remember(answer: R, opened: Opened, request: Request) -> R:
    secure, ends = _is_secure(request), opened.expires_at
    answer.set_cookie(COOKIE, opened.secret, expires=ends, httponly=True, samesite="lax", secure=secure)
    return answer


def forget(answer: R) -> R:
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return answer


def _is_secure(request: Request) -> bool:
    """Over https, also behind a proxy that ends it, a cookie is sent over https only."""
    public: str = request.app.state.services.settings.public_url
    return "https" in (request.url.scheme, public.partition(":")[0])
