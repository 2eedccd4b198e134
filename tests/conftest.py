"""What every test may use: a migrated database in a temporary folder, a clock and ids that repeat."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import structlog
from coverage import Coverage
from hypothesis import HealthCheck, settings

from memory.db import Database, Memory
from tests.fakes.postgres import bare_url, empty_database, postgres_server, postgres_template
from tests.fakes.sqlite import migrated_file

__all__ = ["bare_url", "empty_database", "postgres_server", "postgres_template"]

# The default renderer draws every local of every frame: seconds of a busy loop for one exception.
structlog.configure(
    processors=[
        structlog.stdlib.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

# Machines are shared: how long an example takes says nothing.
settings.register_profile("artel", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("artel")

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def untraced(request: pytest.FixtureRequest) -> Iterator[None]:
    """A module marked `untraced` runs without being measured: to trace lines takes up to as long again."""
    measuring = Coverage.current() if request.node.get_closest_marker("untraced") else None
    if measuring is not None:
        measuring.stop()
    yield
    if measuring is not None:
        measuring.start()


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "unix"
        if host not in ("127.0.0.1", "::1", "localhost", "unix"):
            raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """A second passes with every look."""
    ticks = count()
    return lambda: START + timedelta(seconds=next(ticks))


@pytest.fixture
def new_id() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"id-{next(numbers):06d}"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(migrated_file(tmp_path))
    yield database
    database.close()


@pytest.fixture
def memory(database: Database) -> Memory:
    return Memory(database)
