"""Which errors pass by, how long to wait, and what of a run's options is stored."""

from __future__ import annotations

import random
import sqlite3
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from graphs.runtime.options import Options, Overrides
from graphs.runtime.retries import FIRST_S, LONGEST_S, backoff, passes


class Said(Exception):
    def __init__(self, passing: bool) -> None:
        self.passing = passing


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (ConnectionRefusedError(), True),
        (BrokenPipeError(), True),
        (httpx.ConnectTimeout(""), True),
        (httpx.ReadError(""), True),
        (psycopg.OperationalError(), True),
        (OperationalError("", {}, psycopg.OperationalError()), True),
        (OperationalError("", {}, Exception(), connection_invalidated=True), True),
        (Said(passing=True), True),
        (Said(passing=False), False),
        (IntegrityError("", {}, psycopg.IntegrityError()), False),
        (psycopg.ProgrammingError(), False),
        (httpx.InvalidURL(""), False),
        (TimeoutError(), False),
        (PermissionError(), False),
        (ValueError(), False),
        (KeyError("x"), False),
    ],
)
def test_an_error_passes_by_its_class_or_by_what_it_says(error: Exception, answer: bool) -> None:
    assert passes(error) is answer


@given(retries=st.integers(0, 500), seed=st.integers())
def test_each_wait_is_within_its_half_and_none_is_endless(retries: int, seed: int) -> None:
    longest = timedelta(seconds=min(FIRST_S * 2.0 ** min(retries, 60), LONGEST_S))
    assert longest / 2 <= backoff(retries, random.Random(seed)) <= longest


@given(retries=st.integers(0, 30), seed=st.integers())
def test_waits_grow_and_differ(retries: int, seed: int) -> None:
    rng = random.Random(seed)
    many = {backoff(retries, rng) for _ in range(5)}
    assert len(many) > 1
    assert max(many) <= timedelta(seconds=LONGEST_S)
    assert max(many) <= min(backoff(retries + 1, rng) for _ in range(5)) or retries >= 7


names = st.text(max_size=10)
json: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
nodes: Any = st.just("*") | st.lists(names, max_size=3).map(tuple)
options = st.builds(
    Options,
    config=st.dictionaries(names, json, max_size=3),
    context=st.builds(
        Overrides,
        lang=st.sampled_from([None, "ru", "en"]),
        threshold=st.none() | st.floats(0, 1),
        shortlist=st.none() | st.integers(1, 10_000),
    ),
    stream=st.lists(st.sampled_from(["values", "updates", "messages-tuple"]), max_size=3).map(tuple),
    subgraphs=st.booleans(),
    interrupt_before=nodes,
    interrupt_after=nodes,
    checkpoint_id=st.none() | names,
    update=st.none() | st.dictionaries(names, json, max_size=3),
    goto=st.none() | names | st.lists(names, min_size=1, max_size=3).map(tuple),
    webhook=st.none() | names,
    time_limit_s=st.none() | st.floats(0.001, 1e6),
    multitask=st.sampled_from(["reject", "enqueue", "interrupt", "rollback"]),
)


@given(options)
def test_options_come_back_as_they_were_stored(given_: Options) -> None:
    assert Options.model_validate(given_.stored()) == given_


def test_most_runs_store_nothing() -> None:
    assert Options().stored() == {}


@pytest.mark.parametrize(
    ("statement", "passing"), [("CREATE TABLE more (it)", True), ("SELECT it FROM nothing", False)]
)
def test_a_full_disk_passes_by_and_a_wrong_statement_does_not(statement: str, passing: bool) -> None:
    with sqlite3.connect(":memory:") as full:
        full.execute("PRAGMA max_page_count = 1")
        with pytest.raises(sqlite3.OperationalError) as raised:
            full.execute(statement)
    with create_engine("sqlite://").connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(DBAPIError) as wrapped:
            connection.exec_driver_sql(statement)
    assert (passes(raised.value), passes(wrapped.value)) == (passing, passing)
