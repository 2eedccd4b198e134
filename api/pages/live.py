"""The stream of an open page: ids of what changed. Each page fetches its own rows, right for its person."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import APIRouter, Response

from graphs.runtime.events import Events
from memory.desk import topic
from memory.notices import Notice

from ..deps import Asker, Closing, Serving
from ..sse import event_stream
from .answering import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/queue/live")
async def live(services: Serving, closing: Closing, asker: Asker) -> Response:
    """`ready` once nothing can be missed any more; then `opened`, `changed` and `claimed`."""
    changes = _changes(services.events, topic(services.memory.tenant), asker.actor)
    return await event_stream(changes, closing)


async def _changes(events: Events, topic: str, actor: str) -> AsyncIterator[Notice]:
    with events.listen(topic) as listener:
        yield Notice(topic, "ready")
        async for notice in listener:
            # What one looks at oneself is no news.
            if notice.data.get("by") != actor:
                yield Notice(notice.topic, notice.type, {"id": notice.data["id"]})
