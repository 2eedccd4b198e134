"""Feeds: what is read for news."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from api.deps import Serving
from api.schemas.base import Items
from api.schemas.feeds import FeedChange, FeedIn, FeedOut
from graphs.runtime.errors import NotFound
from memory import news
from memory.models import Feed

router = APIRouter(prefix="/feeds", tags=["feeds"])


@router.get("", response_model=Items[FeedOut], summary="List feeds")
async def list_feeds(services: Serving) -> dict[str, Any]:
    return {"items": await services.memory.read(news.list_feeds)}


@router.post("", status_code=201, response_model=FeedOut, summary="Add a feed")
async def add_feed(body: FeedIn, response: Response, services: Serving) -> Feed:
    """201 for a new feed, 200 when it is there already."""
    id = services.new_id()
    feed = await services.memory.write(news.add_feed, id=id, url=body.url, now=services.clock())
    response.status_code = 201 if feed.id == id else 200
    return feed


@router.patch("/{feed_id}", response_model=FeedOut, summary="Switch a feed on or off")
async def change_feed(feed_id: str, body: FeedChange, services: Serving) -> Feed:
    feed = await services.memory.write(news.set_feed_active, feed_id, body.active)
    if feed is None:
        raise NotFound.of("feed", feed_id)
    return feed
