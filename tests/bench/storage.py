"""What a cycle leaves in the database, and whether a resume minds how much there is already."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from sqlalchemy import Connection, NullPool, Table, create_engine, text
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

from evals.report import Row
from graphs.runtime.reviews import Verdict
from graphs.runtime.runs import Request
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory.models import DecisionType, Trigger
from memory.reviews import Filter
from tests.bench.cycles import STATE
from tests.bench.databases import BACKENDS, Databases, Place
from tests.bench.graphs import GRAPHS

CYCLES = 60
RESUMES = 60
FEW, MANY = 10, 100_000


async def bytes_a_cycle(databases: Databases) -> list[Row]:
    rows: list[Row] = []
    for place in databases.each():
        async with _opened(place) as services:
            empty = await asyncio.to_thread(_size, place)
            for _ in range(CYCLES):
                await _decided(services, await _asking(services))
            whole = (await asyncio.to_thread(_size, place) - empty) / CYCLES
            assert await services.housekeeper.tidy() == CYCLES
            thinned = (await asyncio.to_thread(_size, place) - empty) / CYCLES
        rows.append(Row(f"{place.backend}: kB a cycle", whole / 1000))
        rows.append(
            Row(f"{place.backend}: kB a cycle, pruned", thinned / 1000, f"{thinned / whole:.2f} of it")
        )
    return rows


async def resumes(databases: Databases) -> list[Row]:
    """From a decision to the end of its run, with few open reviews and with many, by turns."""
    rows: list[Row] = []
    for backend in BACKENDS:
        async with AsyncExitStack() as stack:
            both = []
            for open_reviews in (FEW, MANY):
                place = stack.enter_context(databases.empty(backend))
                services = await stack.enter_async_context(_opened(place))
                await asyncio.to_thread(_fill, place, await _asking(services), open_reviews)
                both.append(services)
            few, many = await _resume_ms(*both)
        rows.append(Row(f"{backend}: ms a resume, {FEW} open reviews", few))
        rows.append(Row(f"{backend}: ms a resume, {MANY:,} open reviews", many))
        rows.append(Row(f"{backend}: ratio", many / few, "at most 1.2"))
    return rows


async def _resume_ms(*all: Services) -> list[float]:
    """The median of each, taken in turns."""
    spent: list[list[float]] = [[] for _ in all]
    for _ in range(RESUMES):
        for services, times in zip(all, spent, strict=True):
            review_id = await _asking(services)
            began = time.perf_counter()
            await _decided(services, review_id)
            times.append((time.perf_counter() - began) * 1000)
    return [statistics.median(times) for times in spent]


@asynccontextmanager
async def _opened(place: Place) -> AsyncIterator[Services]:
    # A thread may be pruned as soon as it rests.
    settings = Settings(database_url=place.url, data_dir=place.folder, prune_after_h=1e-9)
    async with open_services(settings, graphs=GRAPHS) as services:
        yield services


async def _asking(services: Services) -> str:
    """The id of the review of a new run."""
    run, _ = await services.runs.start(Request("asking", STATE, Trigger.API, "person:bench"))
    await services.runs.wait(run.id)
    (review,) = await services.reviews.page(Filter(thread_id=run.thread_id), "newest", 1)
    return review.id


async def _decided(services: Services, review_id: str) -> None:
    _, run = await services.reviews.decide(review_id, Verdict(DecisionType.APPROVE, "person:bench"))
    await services.runs.wait(run.id)


def _fill(place: Place, review_id: str, many: int) -> None:
    """So many copies of the review, of its run and of its thread."""
    with _connected(place) as connection:
        of_review = f"id = '{review_id}'"
        _copy(connection, "thread", f"id IN (SELECT thread_id FROM review WHERE {of_review})", many)
        _copy(connection, "run", f"id IN (SELECT run_id FROM review WHERE {of_review})", many)
        _copy(connection, "review", of_review, many)
        if place.backend == "PostgreSQL":  # which does so by itself, but later
            connection.execute(text("ANALYZE"))


def _copy(connection: Connection, name: str, which: str, many: int) -> None:
    table: Table = SQLModel.metadata.tables[name]
    own = {"id", "thread_id", "run_id"}
    each = (f"{c.name} || '-' || CAST(n AS TEXT)" if c.name in own else f'"{c.name}"' for c in table.columns)
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    connection.execute(
        text(
            "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < :many) "
            f"INSERT INTO {name} ({columns}) SELECT {', '.join(each)} FROM {name}, series WHERE {which}"
        ),
        {"many": many},
    )


def _size(place: Place) -> int:
    """Bytes of all tables and indexes, without what is free in them."""
    full = "VACUUM" if place.backend == "SQLite" else "VACUUM FULL"
    with _connected(place, isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(full))
    query = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    if place.backend == "PostgreSQL":
        query = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables"
    with _connected(place) as connection:
        return int(connection.execute(text(query)).scalar_one())


def _connected(place: Place, **options: Any) -> Any:
    """A transaction of its own, beside everything that Artel has open."""
    driver = "sqlite" if place.backend == "SQLite" else "postgresql+psycopg"
    url = make_url(place.url).set(drivername=driver)
    return create_engine(url, poolclass=NullPool, **options).begin()
