"""Personal data, hidden from whoever has no pii:read: in every answer of both doors, in one place.

Hidden are the fields that say who somebody is and how to reach them, and in any text the names of people,
their e-mail addresses, telephones and papers, by the detector that guards calls to models abroad. Shown are
the companies that the answer itself names, though some are called as people are, and colleagues' logins.

What it misses: a name that the detector does not know for one (a rare one in small letters, or alone where
it may be a word), one in a title, and who somebody is by what is told of them. A company is hidden in a text
if it is called as a person is and the answer does not name it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphs.runtime.people.rights import Permission, Person
from tools.llm.residency import Detector, Finding, Kind
from tools.llm.residency.words import words_of

HIDDEN = "•••"
PERSONAL = frozenset({"to_name", "to_email", "contact_email"})
# Who of us did what.
COLLEAGUES = frozenset({"login", "actor"})
# What companies and their deals are called.
TITLES = frozenset({"name", "title", "company", "partner", "recipient", "name_key", "slug"})
# A company's address and account are no secret of anybody's.
_KINDS = frozenset(
    {Kind.PERSON, Kind.PHONE, Kind.EMAIL, Kind.INN, Kind.SNILS, Kind.PASSPORT, Kind.CARD},
)

Rewrite = Callable[[bytes, bool], Awaitable[bytes]]


class Discretion:
    """Hides personal data in JSON values. What was seen before costs next to nothing."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    async def masked(self, value: Any) -> Any:
        """The value without personal data; a text that is new is looked into beside the event loop."""
        if all(self._detector.recall(text) is not None for text in _texts(value)):
            return self.masked_now(value)
        return await asyncio.to_thread(self.masked_now, value)

    def masked_now(self, value: Any) -> Any:
        """As `masked`, here and now: milliseconds a KB of what was not seen before."""
        return self._masked(value, frozenset(_called(value)))

    def _masked(self, value: Any, called: frozenset[str], key: str = "") -> Any:
        if isinstance(value, str):
            return HIDDEN if key in PERSONAL else self._text(value, called, key)
        if isinstance(value, list):
            return [self._masked(item, called, key) for item in value]
        if isinstance(value, dict):
            return {name: self._masked(it, called, name) for name, it in value.items()}
        return value

    def _text(self, text: str, called: frozenset[str], key: str) -> str:
        if not _is_text(text) or key in COLLEAGUES:
            return text
        for found in reversed(self._detector.find(text)):
            if found.kind in _KINDS and not _is_company(text, found, called, key):
                text = text[: found.start] + HIDDEN + text[found.stop :]
        return text


class Privacy:
    """Rewrites JSON and event streams on their way to whoever may not read personal data."""

    def __init__(self, app: ASGIApp, discretion: Discretion) -> None:
        self._app = app
        self._discretion = discretion

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        person: Person | None = scope.get("state", {}).get("person")
        if person is None or person.may(Permission.PII_READ):
            return await self._app(scope, receive, send)
        await self._app(scope, receive, _Masking(send, self._discretion))


class _Masking:
    def __init__(self, send: Send, discretion: Discretion) -> None:
        self._send = send
        self._discretion = discretion
        self._rewrite: Rewrite | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._rewrite is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            body = await self._rewrite(message.get("body", b""), not message.get("more_body", False))
            await self._send({**message, "body": body})

    async def _begin(self, message: Message) -> None:
        headers = MutableHeaders(raw=list(message["headers"]))
        kind = headers.get("content-type", "").partition(";")[0]
        if kind in ("application/json", "text/event-stream"):
            self._rewrite = (Json if kind == "application/json" else Frames)(self._discretion)
            del headers["content-length"]
        await self._send({**message, "headers": headers.raw})


class Json:
    """Keeps all until the end, but for the white space that tells a proxy to wait."""

    def __init__(self, discretion: Discretion) -> None:
        self._discretion = discretion
        self._held = b""

    async def __call__(self, body: bytes, last: bool) -> bytes:
        if not last and not self._held and not body.strip():
            return body
        self._held += body
        return await _json(self._held, self._discretion) if last and self._held.strip() else b""


class Frames:
    """Keeps what is not yet a whole line."""

    def __init__(self, discretion: Discretion) -> None:
        self._discretion = discretion
        self._held = b""

    async def __call__(self, body: bytes, last: bool) -> bytes:
        *lines, self._held = (self._held + body).split(b"\n")
        if last:
            lines.append(self._held)
        done = b"\n".join([await self._line(line) for line in lines])
        return done if last or not lines else done + b"\n"

    async def _line(self, line: bytes) -> bytes:
        field, colon, data = line.partition(b": ")
        return b"data: " + await _json(data, self._discretion) if colon and field == b"data" else line


async def _json(body: bytes, discretion: Discretion) -> bytes:
    hidden = await discretion.masked(json.loads(body))
    return json.dumps(hidden, ensure_ascii=False, separators=(",", ":")).encode()


def _is_text(text: str) -> bool:
    """An id or a number that stands alone is no telephone, and a word alone nobody's full name."""
    return "@" in text or " " in text


def _texts(value: Any) -> Iterator[str]:
    """What will be looked into."""
    if isinstance(value, str) and _is_text(value):
        yield value
    for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _texts(item)


def _called(value: Any, key: str = "") -> Iterator[str]:
    """The words that the answer's companies are called by, in small letters."""
    if isinstance(value, str) and key in TITLES:
        yield from (word.text.lower() for word in words_of(value))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _called(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _called(item, key)


def _is_company(text: str, found: Finding, called: frozenset[str], key: str) -> bool:
    if found.kind is not Kind.PERSON:
        return False
    words = words_of(text[found.start : found.stop])
    return key in TITLES or all(word.text.lower() in called for word in words)
