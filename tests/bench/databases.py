"""Empty databases of both kinds, each with a data folder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.postgres import fresh_postgres, running_postgres


@dataclass(frozen=True)
class Place:
    """backend: SQLite or PostgreSQL."""

    backend: str
    url: str
    folder: Path


@dataclass(frozen=True)
class Databases:
    """Where to make them. server: the URL of a PostgreSQL."""

    server: str

    @contextmanager
    def empty(self, backend: str) -> Iterator[Place]:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            if backend == "SQLite":
                yield Place(backend, f"sqlite:///{folder / 'artel.db'}", folder)
            else:
                yield Place(backend, stack.enter_context(fresh_postgres(self.server)), folder)

    def each(self) -> Iterator[Place]:
        for backend in BACKENDS:
            with self.empty(backend) as place:
                yield place


BACKENDS = ("SQLite", "PostgreSQL")


@contextmanager
def databases() -> Iterator[Databases]:
    with running_postgres() as server:
        yield Databases(server)
