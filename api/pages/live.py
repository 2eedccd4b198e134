"""The stream of an open page: ids of what changed. Each page fetches its own rows, right for its person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

from fastapi import APIRouter, Response
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse
from pydantic_core import to_json

from graphs.runtime.events import Events
from memory.desk import topic

from ..deps import Asker, Closing, Serving
from ..sse import frame, patient
from .answering import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/queue/live")
async def live(services: Serving, closing: Closing, asker: Asker) -> Response:
    """`ready` once nothing can be missed any more; then `opened`, `changed` and `claimed`."""
    frames = _frames(services.events, topic(services.memory.tenant), asker.actor, closing)
    return EventSourceResponse(frames, headers={"Cache-Control": "no-cache"})


async def _frames(events: Events, topic: str, actor: str, closing: asyncio.Event) -> AsyncIterator[bytes]:
    with events.listen(topic) as listener:
        yield frame("ready", b"{}")
        async with aclosing(patient(listener.next, closing)) as coming:
            async for notice in coming:
                if notice is None:
                    yield KEEPALIVE_COMMENT
                # What one looks at oneself is no news.
                elif notice.data.get("by") != actor:
                    yield frame(notice.type, to_json({"id": notice.data["id"]}))
