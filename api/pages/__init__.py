"""Pages for people: server-rendered HTML over the same services as the API."""

from __future__ import annotations

from fastapi import FastAPI

from . import decisions, door, live, many, queue
from .assets import PREFIX, assets


def add_pages(app: FastAPI) -> None:
    """The pages and their files. What has a fixed address comes before what has an id in it."""
    for module in (door, live, many, queue, decisions):
        app.include_router(module.router)
    app.mount(PREFIX, assets())
