"""Personal data, hidden from whoever has no pii:read: in every answer of both doors, in one place.

Hidden are the fields that say who somebody is and how to reach them, and in any text e-mail addresses and
telephone numbers. A name in the middle of a text stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphs.runtime.people.rights import Permission, Person
from tools.llm.residency.contacts import contacts
from tools.llm.residency.finding import united

HIDDEN = "•••"
PERSONAL = frozenset({"to_name", "to_email", "contact_email"})

Rewrite = Callable[[bytes, bool], bytes]


def masked(value: Any) -> Any:
    """The JSON value without personal data."""
    if isinstance(value, str):
        return _masked_text(value)
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, dict):
        return {
            name: HIDDEN if name in PERSONAL and isinstance(it, str) else masked(it)
            for name, it in value.items()
        }
    return value


class Privacy:
    """Rewrites JSON and event streams on their way to whoever may not read personal data."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        person: Person | None = scope.get("state", {}).get("person")
        if person is None or person.may(Permission.PII_READ):
            return await self._app(scope, receive, send)
        await self._app(scope, receive, _Masking(send))


class _Masking:
    def __init__(self, send: Send) -> None:
        self._send = send
        self._rewrite: Rewrite | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._rewrite is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            body = self._rewrite(message.get("body", b""), not message.get("more_body", False))
            await self._send({**message, "body": body})

    async def _begin(self, message: Message) -> None:
        headers = MutableHeaders(raw=list(message["headers"]))
        kind = headers.get("content-type", "").partition(";")[0]
        if kind in ("application/json", "text/event-stream"):
            self._rewrite = _Json() if kind == "application/json" else _Events()
            del headers["content-length"]
        await self._send({**message, "headers": headers.raw})


class _Json:
    """Keeps all until the end, but for the white space that tells a proxy to wait."""

    def __init__(self) -> None:
        self._held = b""

    def __call__(self, body: bytes, last: bool) -> bytes:
        if not last and not self._held and not body.strip():
            return body
        self._held += body
        return _masked_json(self._held) if last and self._held.strip() else b""


class _Events:
    """Keeps what is not yet a whole line."""

    def __init__(self) -> None:
        self._held = b""

    def __call__(self, body: bytes, last: bool) -> bytes:
        *lines, self._held = (self._held + body).split(b"\n")
        if last:
            lines.append(self._held)
        done = b"\n".join(_masked_line(line) for line in lines)
        return done if last or not lines else done + b"\n"


def _masked_line(line: bytes) -> bytes:
    field, colon, data = line.partition(b": ")
    return b"data: " + _masked_json(data) if colon and field == b"data" else line


def _masked_json(body: bytes) -> bytes:
    return json.dumps(masked(json.loads(body)), ensure_ascii=False, separators=(",", ":")).encode()


def _masked_text(text: str) -> str:
    """An id or a number that stands alone is no telephone."""
    if "@" not in text and " " not in text:
        return text
    for found in reversed(united(text, contacts(text))):
        text = text[: found.start] + HIDDEN + text[found.stop :]
    return text
