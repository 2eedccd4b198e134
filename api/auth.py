"""Who may come in: requests to a host that we serve, with the one token, before a body is read."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from .problems import problem

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\[\]:/@]+)(:\d+)?", re.IGNORECASE)


class Guard:
    """Refuses a `Host` that is not ours (a page of another site that rebinds its name to this machine
    sends its own) and, under `prefixes` but for the `open` paths, a request without the token: as a bearer
    (RFC 6750), or as LangGraph's clients send it, in `X-Api-Key`."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str,
        hosts: Collection[str],
        prefixes: tuple[str, ...],
        open: Collection[str] = (),
    ) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = frozenset(host.lower() for host in hosts)
        self._prefixes = prefixes
        self._open = frozenset(open)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        if not self._is_ours(headers.get("host", "")):
            refusal = problem(400, "this host is not served here: use 127.0.0.1, localhost or ARTEL_HOST")
            return await refusal(scope, receive, send)
        if self._is_closed(scope["path"]) and not self._knows(headers):
            refusal = problem(
                401,
                "send the token as `Authorization: Bearer <token>`: it is ARTEL_TOKEN or the file `token` "
                "in the data folder",
                {"WWW-Authenticate": "Bearer"},
            )
            return await refusal(scope, receive, send)
        await self._app(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        return found is not None and found["name"].lower() in self._hosts

    def _is_closed(self, path: str) -> bool:
        return path.startswith(self._prefixes) and path not in self._open

    def _knows(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        sent = token if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        return secrets.compare_digest(sent.strip().encode(), self._token)
