"""What goes wrong on a page is said on a page: a designed one, or a toast beside what is there already."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import DataError, OperationalError

from graphs.runtime.errors import ArtelError, BadRequest, Forbidden, NotFound, NotSignedIn, TooMany

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
                return _refused(error, request, shell)

        return answered


def _refused(error: Exception, request: Request, shell: Shell) -> Response:
    if isinstance(error, NotSignedIn | TooMany) and not shell.is_fragment:
        return _at_the_door(error, request, shell)
    status, title = _told(error, shell)
    if shell.is_fragment:
        return shell.page("failed.html", status=status, text=title, is_out=isinstance(error, NotSignedIn))
    text = str(error) if isinstance(error, ArtelError) else ""
    return shell.page("error.html", status=status, title=title, text=text)


def _at_the_door(error: ArtelError, request: Request, shell: Shell) -> Response:
    """The form stands where the page would: whoever signs in is where they wanted to be."""
    tried = request.url.path == "/login"
    back = "/queue" if tried or request.method != "GET" else request.url.path + _query(request)
    status = 429 if isinstance(error, TooMany) else 401
    wrong = _told(error, shell)[1] if tried else None
    return shell.page("login.html", status=status, back=back, wrong=wrong)


def _query(request: Request) -> str:
    return f"?{request.url.query}" if request.url.query else ""


def _told(error: Exception, shell: Shell) -> tuple[int, str]:
    say = shell.locale.gettext
    match error:
        case NotSignedIn() if shell.is_fragment:
            return 401, say("You are signed out. Sign in and repeat: nothing is lost")
        case NotSignedIn():
            return 401, say("The login or the password is wrong")
        case TooMany():
            return 429, say("Too often: try again in %(seconds)s s") % {"seconds": error.wait_s}
        case Forbidden():
            return 403, say("You may not do this")
        case NotFound():
            return 404, say("There is no such proposal")
        case OperationalError():
            return 503, say("The database does not answer: try again")
        case BadRequest() | RequestValidationError() | DataError():
            return 422, say("The server did not understand this: nothing was changed")
        case _:
            return 409, say("Somebody was first: nothing was changed")
