"""Who comes in: to a host that we serve, known by a token, a key or a cookie, before a body is read."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Collection

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request, cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from graphs.runtime.errors import ArtelError, OutOfDate, TooMany
from graphs.runtime.people.door import Door
from graphs.runtime.people.rights import Person

from .problems import of_error, problem
from .rates import Allowance, Rates, told

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
COOKIE = "artel_session"
CSRF_HEADER, CSRF_FIELD = "x-csrf-token", "csrf"

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\[\]:/@]+)(:\d+)?", re.IGNORECASE)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


_OUT_OF_DATE = "the page is out of date: load it again (its CSRF token is not right)"

Refuse = Callable[[Request, ArtelError], Awaitable[Response]]


class Guard:
    """Says who comes in, in `request.state.person`, and refuses

    - a `Host` that is not ours (a page of another site that rebinds its name to this machine sends its own);
    - what a cookie comes with, unless it only reads or brings the session's CSRF token, in the header
      `X-CSRF-Token` or, from a form without script, as `csrf` in the address;
    - who sends more than `rates` allow, but for the holder of the installation's token and what is `free`;
    - under `prefixes`, but for the `open` paths, whoever is nobody. A token or a key comes as a bearer
      (RFC 6750), or as LangGraph's clients send it, in `X-Api-Key`.

    Elsewhere `refuse` says why to whoever may be looking at a page.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        door: Door,
        owner: Person,
        token: str,
        hosts: Collection[str],
        prefixes: tuple[str, ...],
        refuse: Refuse,
        open: Collection[str] = (),
        rates: Rates | None = None,
        free: tuple[str, ...] = (),
    ) -> None:
        self._app = app
        self._door = door
        self._owner = owner
        self._token = token.encode()
        self._hosts = frozenset(host.lower() for host in hosts)
        self._prefixes = prefixes
        self._refuse = refuse
        self._open = frozenset(open)
        self._rates = rates
        self._free = free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        if not self._is_ours(headers.get("host", "")):
            elsewhere = problem(400, "this host is not served here: use 127.0.0.1, localhost or ARTEL_HOST")
            return await elsewhere(scope, receive, send)
        person = scope.setdefault("state", {})["person"] = await self._identify(headers)
        if (allowance := self._counted(person, scope)) is not None:
            send = told(send, allowance)
            if allowance.wait_s:
                refusal = await self._refused(scope, TooMany("requests", allowance.wait_s))
                return await refusal(scope, receive, send)
        if person is None and self._is_closed(scope["path"]):
            return await _nobody()(scope, receive, send)
        if person is not None and not _meant(person, scope, headers):
            refusal = await self._refused(scope, OutOfDate(_OUT_OF_DATE))
            return await refusal(scope, receive, send)
        await self._app(scope, receive, send)

    async def _refused(self, scope: Scope, error: ArtelError) -> Response:
        if scope["path"].startswith(self._prefixes):
            return of_error(error)
        return await self._refuse(Request(scope), error)

    def _is_ours(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        return found is not None and found["name"].lower() in self._hosts

    def _is_closed(self, path: str) -> bool:
        return path.startswith(self._prefixes) and path not in self._open

    def _counted(self, person: Person | None, scope: Scope) -> Allowance | None:
        """What is left to whoever asks; None for who may ask as often as they like."""
        if self._rates is None or person is self._owner or scope["path"].startswith(self._free):
            return None
        address = scope["client"][0] if scope["client"] else ""
        return self._rates.take(f"user:{person.id}" if person else f"address:{address}")

    async def _identify(self, headers: Headers) -> Person | None:
        """A token that is sent speaks for its sender, also when a cookie comes with it."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        sent = (token if scheme.lower() == "bearer" else headers.get("x-api-key", "")).strip()
        if sent:
            owner = secrets.compare_digest(sent.encode(), self._token)
            return self._owner if owner else await self._door.by_bearer(sent)
        cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        return await self._door.by_cookie(cookie) if cookie else None


def _meant(person: Person, scope: Scope, headers: Headers) -> bool:
    """Whether a page of ours sent it, where another site's page could have made the browser send it."""
    if person.csrf is None or scope["method"] in _SAFE:
        return True
    sent = headers.get(CSRF_HEADER) or QueryParams(scope["query_string"]).get(CSRF_FIELD, "")
    return secrets.compare_digest(sent.encode(), person.csrf.encode())


def _nobody() -> ASGIApp:
    return problem(
        401,
        "send the token as `Authorization: Bearer <token>`: it is ARTEL_TOKEN or the file `token` "
        "in the data folder",
        {"WWW-Authenticate": "Bearer"},
    )
