"""A process that cannot start says why in one line and exits with 1."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from memory.schema import upgrade

from .conftest import artel

# Nobody listens on port 1.
AWAY = "postgresql://artel:secret@127.0.0.1:1/artel"


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_a_database_that_does_not_answer(command: str, tmp_path: Path) -> None:
    done = artel(tmp_path, command, ARTEL_DATABASE_URL=AWAY, ARTEL_PORT="0")
    assert (done.code, done.out) == (1, "")
    [line] = done.err.splitlines()
    assert line.startswith("artel: the database postgresql://artel:***@127.0.0.1:1/artel cannot be used")
    assert "ARTEL_DATABASE_URL" in line
    assert "secret" not in line


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_a_schema_that_is_newer_than_the_code(command: str, tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'artel.db'}")
    with sqlite3.connect(tmp_path / "artel.db") as newer:
        newer.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    done = artel(tmp_path, command, ARTEL_PORT="0")
    assert (done.code, done.out) == (1, "")
    [line] = done.err.splitlines()
    assert "schema from_the_future, which this Artel does not know" in line
