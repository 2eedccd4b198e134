"""The saver of a database, by its URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy.engine import make_url

from ..turns import Turns
from .saver import Saver
from .tables import setup


@asynccontextmanager
async def open_saver(
    url: str,
    *,
    holds: Callable[[], bool] = lambda: True,
    pool_size: int = 8,
    turns: Turns | None = None,
) -> AsyncIterator[Saver]:
    """A saver for `sqlite:///file` or `postgresql://…`, its tables made, closed at the end.

    It writes only while `holds()`, else it raises LeaseLost. pool_size: connections to PostgreSQL.
    turns: those of the thread that writes to the SQLite file, when somebody else in this process does so too.
    """
    await setup(url)
    # The two drivers are slow to import, and a process needs one of them.
    if make_url(url).get_backend_name() == "sqlite":
        from .sqlite import open_sqlite

        opened = open_sqlite(url, holds, turns)
    else:
        from .postgres import open_postgres

        opened = open_postgres(url, holds, pool_size)
    async with opened as saver:
        yield saver
