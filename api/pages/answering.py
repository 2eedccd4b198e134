"""What goes wrong on a page is said on a page: a designed one, or a toast beside what is there already."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import DataError, OperationalError

from graphs.runtime.errors import (
    ArtelError,
    BadRequest,
    Forbidden,
    NotFound,
    NotSignedIn,
    OutOfDate,
    TooMany,
)

from ..problems import of_error
from .entry import again, is_form, too_often, turned_away
from .shell import Shell, shell_of

_REFUSED = (ArtelError, RequestValidationError, DataError, OperationalError)


class PageRoute(APIRoute):
    """A route that answers a browser with HTML whatever happens, and a program with a problem."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except _REFUSED as error:
                shell = await shell_of(request)
                if not (shell.is_fragment or "text/html" in request.headers.get("accept", "")):
                    raise
                return await _refused(error, request, shell)

        return answered


async def refused(request: Request, error: ArtelError) -> Response:
    """What comes to no route: a page to whoever looks at one, a problem to its script and to programs."""
    shell = await shell_of(request)
    if shell.is_fragment or "text/html" not in request.headers.get("accept", ""):
        return of_error(error)
    status, title = _told(error, request, shell)
    return shell.page("error.html", status=status, title=title, text="")


async def _refused(error: Exception, request: Request, shell: Shell) -> Response:
    status, title = _told(error, request, shell)
    if is_form(request) and not isinstance(error, NotFound | OperationalError):
        return await again(request, shell, error, status)
    if isinstance(error, NotSignedIn | TooMany) and not shell.is_fragment:
        return turned_away(request, shell, error)
    if shell.is_fragment:
        return shell.page("failed.html", status=status, text=title, is_out=isinstance(error, NotSignedIn))
    # Ours are in English; what they come to stands in the title.
    text = str(error) if isinstance(error, ArtelError) and shell.lang == "en" else ""
    return shell.page("error.html", status=status, title=title, text=text)


def _told(error: Exception, request: Request, shell: Shell) -> tuple[int, str]:
    say = shell.locale.gettext
    match error:
        case NotSignedIn():
            return 401, say("You are signed out. Sign in and repeat: nothing is lost")
        case TooMany():
            return 429, too_often(error, shell)
        case OutOfDate():
            return 403, say("The page was out of date: open it again and repeat")
        case Forbidden():
            return 403, say("You may not do this")
        case NotFound() if is_form(request):
            return 404, say("The invitation was used, or its time is over: ask for another one")
        case NotFound():
            return 404, say("There is no such proposal")
        case OperationalError():
            return 503, say("The database does not answer: try again")
        case BadRequest() | RequestValidationError() | DataError():
            return 422, say("The server did not understand this: nothing was changed")
        case _:
            return 409, say("Somebody was first: nothing was changed")
