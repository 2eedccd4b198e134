"""The API's description: what FastAPI makes, with our problems and our token in it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from .problems import MEDIA_TYPE
from .schemas.base import Invalid, Problem

DESCRIPTION = """Runs, reviews and what they know. Every refusal is a problem of RFC 9457; every time is UTC.
Lists that may grow are read page by page: hand `next` back as the cursor."""

# Of every route under the prefix; a route adds its own.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "nobody is signed in: no token, key or session, or not ours"},
    403: {"model": Problem, "description": "whoever asks may not do this; nothing was changed"},
    404: {"model": Problem, "description": "there is no such thing"},
    409: {"model": Problem, "description": "somebody or something was first; nothing was changed"},
    413: {"model": Problem, "description": "the body is too large"},
    422: {"model": Invalid, "description": "the request does not fit; nothing was changed"},
    429: {"model": Problem, "description": "too often; `Retry-After` says when to come back"},
    503: {"model": Problem, "description": "the database does not answer, or the disk is full"},
}


def describe(app: FastAPI, prefix: str) -> None:
    """Make `app.openapi()` say that problems are problem+json and that `prefix` needs the token."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(made(), prefix)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(schema: dict[str, Any], prefix: str) -> None:
    schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            if path.startswith(prefix):
                operation["security"] = [{"token": []}]
            for status, answer in operation["responses"].items():
                if status[0] in "45":
                    answer["content"] = {MEDIA_TYPE: next(iter(answer["content"].values()))}
