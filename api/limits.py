"""How large a request's body may be. FastAPI's own limit answers in plain text, ours in problem details."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import problem

JSON_BYTES = 1_000_000
CSV_BYTES = 10_000_000


class BodyLimit:
    """Refuses a body above `default` bytes, or above what `paths` says for the path."""

    def __init__(self, app: ASGIApp, *, default: int, paths: Mapping[str, int]) -> None:
        self._app = app
        self._default = default
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        limit = self._paths.get(scope["path"], self._default)
        if _announced(scope) > limit:
            return await problem(413, _line(limit))(scope, receive, send)
        await self._app(scope, _counted(receive, limit), send)


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if length.isdecimal() else 0


def _counted(receive: Receive, limit: int) -> Receive:
    """A body sent in chunks announces no length, so it is counted as it comes."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, _line(limit))
        return message

    return counted


def _line(limit: int) -> str:
    return f"the body is larger than {limit // 1_000_000} MB: send less at once"
