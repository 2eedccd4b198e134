"""A real PostgreSQL server for tests, and a migrated database of one's own on each backend.

The fixtures are handed out by tests/conftest.py: one server and one migration for a process. The server
belongs to a process of its own that stops it when its standard input closes: so it also goes when the tests
are killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import make_url

from memory.schema import upgrade

from .sqlite import migrated_file

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Keeper:
    """A process that runs a server of its own, at `url`, and ends with it."""

    process: subprocess.Popen[str]
    url: str

    def tell(self, order: str) -> None:
        """`stop` or `start` the server; it is done when this returns."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """The URL of a migrated database, for others to be copied from: nobody else connects to it."""
    with fresh_postgres(postgres_server) as url:
        upgrade(url)
        yield url


@contextmanager
def running_postgres() -> Iterator[str]:
    """The URL of a server, with the right to create databases: ARTEL_TEST_DATABASE_URL or one of our own."""
    if given := os.environ.get("ARTEL_TEST_DATABASE_URL"):
        yield given
        return
    with kept_server() as keeper:
        yield keeper.url


@contextmanager
def kept_server(*, listen: str = "", inside: Sequence[str] = ()) -> Iterator[Keeper]:
    """A new server behind a socket of the file system; it also listens on the address `listen`.

    inside: the command that runs it somewhere else, as `ip netns exec …`.
    """
    command = [*inside, sys.executable, "-W", "ignore", "-m", "tests.fakes.keeper", listen]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, "PostgreSQL did not start: see its message above"
        yield Keeper(process, url)


@contextmanager
def fresh_postgres(server: str, template: str | None = None) -> Iterator[str]:
    """The URL of a new database on the server, empty or like the one at `template`; dropped at the end."""
    name = f"artel_{uuid4().hex}"
    like = f" TEMPLATE {make_url(template).database}" if template else ""
    _execute(server, f"CREATE DATABASE {name}{like}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def fresh_database(backend: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The URL of a new database on `backend`, sqlite or postgresql, with our tables and nothing in them."""
    if backend == "sqlite":
        yield migrated_file(folder)
    else:
        server, template = map(request.getfixturevalue, ("postgres_server", "postgres_template"))
        with fresh_postgres(server, template) as url:
            yield url


@contextmanager
def bare_database(backend: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The URL of a new database that has no tables."""
    if backend == "sqlite":
        yield f"sqlite:///{folder / 'artel.db'}"
    else:
        with fresh_postgres(request.getfixturevalue("postgres_server")) as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database, once on each backend."""
    with fresh_database(request.param, request, tmp_path) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a bare database, once on each backend."""
    with bare_database(request.param, request, tmp_path) as url:
        yield url


def _execute(server: str, statement: str) -> None:
    engine = create_engine(
        make_url(server).set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
