"""The cookie of a session: no script reads it, no other site's page sends it along with what it changes."""

from __future__ import annotations

from typing import TypeVar

from fastapi import Request, Response

from graphs.runtime.people.sessions import Opened

from .auth import COOKIE

R = TypeVar("R", bound=Response)


def remember(answer: R, opened: Opened, request: Request) -> R:
    """Over https, also behind a proxy that ends it, the cookie is sent over https only."""
    public: str = request.app.state.services.settings.public_url
    secure = "https" in (request.url.scheme, public.partition(":")[0])
    answer.set_cookie(
        COOKIE, opened.secret, expires=opened.expires_at, httponly=True, samesite="lax", secure=secure
    )
    return answer


def forget(answer: R) -> R:
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return answer
