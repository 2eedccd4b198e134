"""What our saver keeps in PostgreSQL is, row by row, what LangGraph's own keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.postgres import PostgresSaver as Stock
from psycopg.rows import dict_row

from memory.checkpoints import setup
from memory.checkpoints.pools import OPTIONS
from memory.checkpoints.postgres import open_postgres
from memory.checkpoints.tables import plain
from tests.fakes.postgres import fresh_database

TABLES = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")

values = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(max_size=9)
    | st.lists(st.text(max_size=9))
)
# The last four have fixed places, so that one of them written again takes the place of the first.
channels = st.sampled_from(["a", "b", "c", "__interrupt__", "__resume__", "__error__", "__scheduled__"])
written = st.tuples(
    st.just("writes"), st.lists(st.tuples(channels, values), max_size=4), st.sampled_from("xy")
)
kept = st.tuples(st.just("checkpoint"), st.dictionaries(st.sampled_from("abc"), values), st.integers(1, 3))
gone = st.tuples(st.just("gone"))


@pytest.fixture(scope="module")
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with fresh_database("postgresql", request, tmp_path_factory.mktemp("savers")) as url:
        asyncio.run(setup(url))
        yield url


def rows(connection: Any) -> list[list[Any]]:
    return [
        connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4, 5").fetchall() for table in TABLES
    ]


def said(step: Any, number: int) -> tuple[str, tuple[Any, ...]]:
    """The call of a saver that the step means."""
    place = {"configurable": {"thread_id": "t", "checkpoint_ns": "", "checkpoint_id": f"c{number}"}}
    match step:
        case "writes", writes, task:
            return "put_writes", (place, writes, task)
        case "checkpoint", channel_values, version:
            versions = dict.fromkeys(channel_values, f"v{version}")
            made = {"id": f"c{number + 1}", "ts": "2026", "channel_values": channel_values}
            checkpoint = {**empty_checkpoint(), **made, "channel_versions": versions}
            return "put", (place, checkpoint, {"step": number}, versions)
    return "delete_thread", ("t",)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(written | kept | gone, max_size=6))
async def test_both_keep_the_same_rows(url: str, steps: list[Any]) -> None:
    with psycopg.connect(plain(url), **{**OPTIONS, "row_factory": dict_row}) as connection:
        found = []
        async with open_postgres(url, lambda: True, 2) as ours:
            for saver, prefix in ((Stock(connection), ""), (ours, "a")):
                for table in TABLES:
                    connection.execute(f"DELETE FROM {table}")
                for number, step in enumerate(steps):
                    name, call = said(step, number)
                    answer = getattr(saver, prefix + name)(*call)
                    if prefix:
                        await answer
                found.append(rows(connection))
    assert found[0] == found[1]
