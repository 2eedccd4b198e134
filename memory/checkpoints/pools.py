"""Connections to PostgreSQL as LangGraph's saver and store want them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from select import POLLIN, poll
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from ..db import LINK
from .tables import plain

OPTIONS: Mapping[str, Any] = {**LINK, "autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}

Pool = AsyncConnectionPool[AsyncConnection[DictRow]]


@asynccontextmanager
async def open_pool(url: str, size: int) -> AsyncIterator[Pool]:
    """They are opened when they are needed."""
    kwargs = dict(OPTIONS)
    async with AsyncConnectionPool(
        plain(url), kwargs=kwargs, min_size=1, max_size=size, open=False, check=_unbroken
    ) as pool:
        yield pool


def has_heard(connection: Any) -> bool:
    """Whether the server has said something to an idle connection: then it has ended it, most likely. To look
    for that costs nothing, to ask the server each time would cost a round trip.
    """
    heard = poll()
    heard.register(connection.fileno(), POLLIN)
    return bool(heard.poll(0))


async def _unbroken(connection: AsyncConnection[DictRow]) -> None:
    if has_heard(connection):
        await AsyncConnectionPool.check_connection(connection)
