"""Feeds: where news is read and what came of the last time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from .base import Body, Row


def _feed_url(value: str) -> str:
    """`value`, if it is an address that a feed can be read from. Errors: ValueError."""
    parts = urlsplit(value)
    fits = parts.path if parts.scheme == "file" else parts.scheme in ("http", "https") and parts.hostname
    if not fits or not value.isprintable() or " " in value:
        raise ValueError("neither http(s)://host/path nor file:///path")
    return value


class FeedIn(Body):
    url: Annotated[str, Field(max_length=2000), AfterValidator(_feed_url)]


class FeedChange(Body):
    active: bool


class FeedOut(Row):
    id: str
    url: str
    title: str | None
    active: bool
    last_fetched_at: datetime | None
    last_error: str | None
    created_at: datetime
