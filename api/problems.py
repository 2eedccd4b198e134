"""Every refusal as RFC 9457 problem details: one line that says what is wrong, and the status that fits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import psycopg
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException

from graphs.runtime.errors import (
    AlreadyDecided,
    ArtelError,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    NotSignedIn,
    Ruled,
    TooMany,
)

MEDIA_TYPE = "application/problem+json"

# The first kind that fits gives the status.
_STATUS: Sequence[tuple[type[ArtelError], int]] = (
    (BadRequest, 422),
    (NotSignedIn, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (TooMany, 429),
)


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **members: Any) -> Response:
    """The answer for `status`; `members` are the problem's own, such as `errors`."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    content = json.dumps({**body, **members}, ensure_ascii=False).encode(errors="replace")
    return Response(content, status, headers, media_type=MEDIA_TYPE)


def of_error(error: ArtelError, **members: Any) -> Response:
    """One of ours: its own line, the winner of a decision that was made before, why a rule forbids one."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    if isinstance(error, AlreadyDecided):
        members = {"decided_by": error.by, "decision": error.decision, **members}
    if isinstance(error, Ruled):
        members = {"said": {"ru": error.ru, "en": error.en}, **members}
    headers = {"Retry-After": str(error.wait_s)} if isinstance(error, TooMany) else None
    return problem(status, str(error), headers, **members)


def handle(app: FastAPI) -> None:
    """Answer everything that goes wrong in `app` with a problem."""
    app.add_exception_handler(ArtelError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(DataError, _unstorable)
    # LangGraph's own store speaks to the driver itself.
    app.add_exception_handler(psycopg.DataError, _unstorable)
    app.add_exception_handler(OperationalError, _unavailable)
    app.add_exception_handler(Exception, _unexpected)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, ArtelError)
    return of_error(error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"field": _place(found["loc"]), "message": found["msg"].removeprefix("Value error, ")}
        for found in error.errors()
    ]
    return problem(422, "; ".join(f"{one['field']}: {one['message']}" for one in errors), errors=errors)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, _line(request, error), dict(error.headers or {}))


async def _unstorable(request: Request, error: Exception) -> Response:
    return problem(422, "a text or a number in the request is one that the database cannot hold")


async def _unavailable(request: Request, error: Exception) -> Response:
    assert isinstance(error, OperationalError)
    reason = str(error.orig).splitlines()[0]
    if "disk is full" in reason:
        return problem(503, "the disk is full, so nothing was changed: free some space and try again")
    return problem(503, f"the database does not answer ({reason}): try again, then look at the server's log")


async def _unexpected(request: Request, error: Exception) -> Response:
    return problem(500, "something went wrong on our side: the server's log says what")


def _line(request: Request, error: HTTPException) -> str:
    if error.status_code in (404, 405):
        return f"there is no {request.method} {request.url.path}: see /docs"
    return error.detail


def _place(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location)
