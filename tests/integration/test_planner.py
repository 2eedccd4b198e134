"""What SQLite's planner is told: a tenant narrows nothing, so rows asked for by ids are found by them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, NullPool, Table, create_engine
from sqlmodel import SQLModel

from memory import planner
from memory.models import Review, Run
from memory.schema import upgrade
from tests.fakes.sqlite import migrated_file

MANY = ", ".join(f"'{number}'" for number in range(200))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with create_engine(migrated_file(tmp_path), poolclass=NullPool).connect() as connection:
        yield connection


def tables() -> list[Table]:
    """Of tenants' rows, and with ids."""
    return [it for it in SQLModel.metadata.sorted_tables if "tenant_id" in it.c and "id" in it.c]


def plan(connection: Connection, asked: str) -> str:
    return " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}"))


@pytest.mark.parametrize("table", tables(), ids=str)
def test_rows_are_looked_up_by_their_ids(connection: Connection, table: Table) -> None:
    """Else fifty ids would be looked for in all rows of a tenant."""
    asked = f"SELECT * FROM {table.name} WHERE id IN ({MANY}) AND tenant_id = 'default'"
    assert "(id=?)" in plan(connection, asked)


def test_late_reviews_are_marked_by_their_ids(connection: Connection) -> None:
    which = f"id IN ({MANY}) AND status = 'pending' AND escalated_at IS NULL AND tenant_id = 'default'"
    assert "id=?" in plan(connection, f"UPDATE {Review.__tablename__} SET escalated_at = '' WHERE {which}")


def test_runs_are_found_by_their_status(connection: Connection) -> None:
    """Of a table of finished runs few are looked for, so the index is worth its detour."""
    asked = (
        f"SELECT * FROM {Run.__tablename__} WHERE tenant_id = 'default' AND status IN ('queued', 'running')"
    )
    assert "run_status (tenant_id=? AND status=?)" in plan(connection, asked)


def test_it_is_told_once(connection: Connection, tmp_path: Path) -> None:
    told = "SELECT rowid, * FROM sqlite_stat1 WHERE tbl <> 'tenant' ORDER BY idx"
    before = connection.exec_driver_sql(told).all()
    upgrade(migrated_file(tmp_path))
    assert connection.exec_driver_sql(told).all() == before != []


def test_figures_of_a_changed_index_are_renewed(connection: Connection) -> None:
    connection.exec_driver_sql("UPDATE sqlite_stat1 SET stat = '10 10' WHERE tbl = 'run'")
    planner.teach(connection)
    assert (
        set(connection.exec_driver_sql("SELECT idx FROM sqlite_stat1 WHERE stat = '10 10'").scalars())
        == set()
    )
