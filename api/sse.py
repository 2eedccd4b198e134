"""Events as server-sent events (WHATWG HTML 9.2): a name, one line of JSON, an empty line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse
from pydantic_core import to_json

from memory.notices import Notice

# Proxies drop a connection that is silent for a minute or less.
PING_S = 15.0


async def event_stream(events: AsyncIterator[Notice], closing: asyncio.Event) -> EventSourceResponse:
    """`events` as they come, until they end or the server closes.

    Errors: what the first event raises, while it can still be answered with a problem.
    """
    first = await anext(events)
    return EventSourceResponse(_frames(first, events, closing), headers={"Cache-Control": "no-cache"})


async def _frames(
    first: Notice, events: AsyncIterator[Notice], closing: asyncio.Event
) -> AsyncIterator[bytes]:
    yield _frame(first)
    coming = asyncio.ensure_future(anext(events, None))
    ending = asyncio.ensure_future(closing.wait())
    try:
        while not ending.done():
            await asyncio.wait((coming, ending), timeout=PING_S, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                yield KEEPALIVE_COMMENT
            elif (event := coming.result()) is None:
                return
            else:
                yield _frame(event)
                coming = asyncio.ensure_future(anext(events, None))
    finally:
        coming.cancel()
        ending.cancel()


def _frame(event: Notice) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event.type.encode(), to_json(event.data))
