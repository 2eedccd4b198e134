"""What the queue is held against: an endpoint such as one writes with FastAPI and SQLAlchemy in ten minutes.

The same rows of the same database, as JSON, for anybody. `python -m tests.bench.bare URL`: a child of
tests.bench.children.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlmodel import Session, col, select

from memory.models import Decision, Draft, Partnership, Review, ReviewStatus
from tests.bench.children import Child, child
from tests.bench.databases import Place

PAGE = 51


class Shown(BaseModel):
    """A line of the list."""

    id: str
    status: str
    kind: str
    title: str
    lang: str
    score: float | None
    draft_version: int | None
    created_at: datetime
    subject: str | None
    risks: list[dict[str, Any]] | None
    decision: str | None


def build(url: str) -> FastAPI:
    address = make_url(url)
    driver = "sqlite" if address.get_backend_name() == "sqlite" else "postgresql+psycopg"
    engine = create_engine(address.set(drivername=driver))
    app = FastAPI()

    @app.get("/rows")
    def rows() -> list[Shown]:
        with Session(engine) as session:
            return [Shown.model_validate(row, from_attributes=True) for row in session.execute(_query())]

    return app


def _query() -> Any:
    """The best of what waits, as memory.queue reads it."""
    own = ("id", "status", "kind", "title", "lang", "score", "draft_version", "created_at")
    shown = (*(col(getattr(Review, name)) for name in own), Draft.subject, Partnership.risks)
    query = (
        select(*shown, col(Decision.type).label("decision"))
        .select_from(Review)
        .outerjoin(Draft, col(Draft.id) == col(Review.draft_id))
        .outerjoin(Partnership, col(Partnership.id) == col(Review.partnership_id))
        .outerjoin(Decision, col(Decision.review_id) == col(Review.id))
        .where(Review.tenant_id == "default", Review.status == ReviewStatus.PENDING)
    )
    return query.order_by(col(Review.rank).desc(), col(Review.id).desc()).limit(PAGE)


@asynccontextmanager
async def started(place: Place) -> AsyncIterator[Child]:
    async with child(sys.executable, "tests.bench.bare", place.url) as started:
        yield started


async def _main(url: str) -> None:
    config = uvicorn.Config(build(url), port=0, http="httptools", log_level="critical", access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}"}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    gc.freeze()
    uvloop.run(_main(sys.argv[1]))
