"""Events as server-sent events (WHATWG HTML 9.2): a name, one line of JSON, a number, an empty line.

Whoever lost a stream comes again with the number of the last event in `Last-Event-ID` and misses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import Depends, Header
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse
from pydantic_core import to_json

from graphs.runtime.errors import BadRequest
from graphs.runtime.runs import Event

# Proxies drop a connection that is silent for a minute or less.
PING_S = 15.0


async def last_event(last_event_id: Annotated[str, Header()] = "") -> int:
    """The number after which to go on: 0 for `-1` and for nothing. Errors: BadRequest."""
    return 0 if last_event_id in ("", "-1") else number_of(last_event_id)


def number_of(text: str) -> int:
    """Errors: BadRequest for a text that no event has as its number."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadRequest(f"Last-Event-ID is the number of an event or -1, not {text!r}")
    return int(text)


LastEvent = Annotated[int, Depends(last_event)]


async def event_stream(events: AsyncIterator[Event], closing: asyncio.Event) -> EventSourceResponse:
    """`events` as they come, until they end or the server closes.

    Errors: what the first event raises, while it can still be answered with a problem.
    """
    first = await anext(events)
    return EventSourceResponse(_frames(first, events, closing), headers={"Cache-Control": "no-cache"})


async def patient(
    next_one: Callable[[], Awaitable[Any]], closing: asyncio.Event
) -> AsyncGenerator[Any, None]:
    """What `next_one` answers, again and again, None where that takes long, until the server closes."""
    coming = asyncio.ensure_future(next_one())
    ending = asyncio.ensure_future(closing.wait())
    try:
        while not ending.done():
            await asyncio.wait((coming, ending), timeout=PING_S, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                yield None
                continue
            yield coming.result()
            coming = asyncio.ensure_future(next_one())
    finally:
        coming.cancel()
        ending.cancel()


def frame(event: str, data: bytes, number: int | str | None = None) -> bytes:
    """`data` is one line of JSON."""
    id = b"" if number is None else b"id: %b\n" % str(number).encode()
    return b"event: %b\ndata: %b\n%b\n" % (event.encode(), data, id)


async def _frames(first: Event, events: AsyncIterator[Event], closing: asyncio.Event) -> AsyncIterator[bytes]:
    yield _told(first)
    end = object()
    async with aclosing(patient(lambda: anext(events, end), closing)) as coming:
        async for event in coming:
            if event is end:
                return
            yield KEEPALIVE_COMMENT if event is None else _told(event)


def _told(event: Event) -> bytes:
    return frame(event.type, to_json(event.data), event.number)
