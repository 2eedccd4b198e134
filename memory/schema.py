"""The schema's version: bring a database up to it, or say why that cannot be done.

Migrations only go forward; to go back, restore a backup.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError
from sqlmodel import col

from . import planner
from .db import BUSY_TIMEOUT_MS
from .models import DEFAULT_TENANT, Tenant

_MIGRATIONS = Path(__file__).parent / "migrations"

# What makes the second of two processes wait until the first has migrated everything or nothing.
_BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(4702394921427289928)"}


class SchemaTooNew(Exception):
    """The database was written by a newer Artel. Update Artel, or name another database."""


class DatabaseUnavailable(Exception):
    """The database cannot be opened or written: a full disk, a missing right, a server that is away."""


def upgrade(url: str) -> None:
    """Create or bring forward the tables of the database at `url`; a second call changes nothing.

    Whole or not at all, also when processes start together or one dies in the middle.
    Errors: SchemaTooNew, before anything is changed; DatabaseUnavailable.
    """
    address = make_url(url)
    try:
        with _prepared(address), _engine(address).begin() as connection:
            _upgrade(connection)
    except (DatabaseError, OSError) as error:
        raise DatabaseUnavailable(_explain(address, error)) from error


def config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    found = frozenset(MigrationContext.configure(connection).get_current_heads())
    _check_known(found)
    if found != _known().heads:
        command.upgrade(config(connection), "head")
    default = select(col(Tenant.id)).where(col(Tenant.id) == DEFAULT_TENANT)
    if connection.execute(default).first() is None:
        connection.execute(insert(Tenant).values(id=DEFAULT_TENANT, name="Default"))
    planner.teach(connection)


class _Known(NamedTuple):
    revisions: frozenset[str]
    heads: frozenset[str]


@cache
def _known() -> _Known:
    """Of this code. Read once: to compile the migrations takes longer than what follows an opening."""
    scripts = ScriptDirectory.from_config(config())
    return _Known(frozenset(it.revision for it in scripts.walk_revisions()), frozenset(scripts.get_heads()))


def _check_known(found: frozenset[str]) -> None:
    if unknown := found - _known().revisions:
        raise SchemaTooNew(
            f"the database has schema {', '.join(sorted(unknown))}, which this Artel does not know: "
            "install a newer Artel, or name another database in ARTEL_DATABASE_URL"
        )


@contextmanager
def _prepared(address: URL) -> Iterator[None]:
    """The folder of a SQLite file, held by one process: changing the journal mode does not wait in a
    queue for a busy file as BEGIN does, it fails at once.
    """
    if address.get_backend_name() != "sqlite":
        yield
        return
    folder = Path(str(address.database)).absolute().parent
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _engine(address: URL) -> Engine:
    """An engine without a pool whose transactions begin with the lock of `_BEGIN`.

    Foreign keys stay off on SQLite, where changing a table means dropping and remaking it.
    """
    backend = address.get_backend_name()
    if backend == "sqlite":
        engine = create_engine(address, poolclass=NullPool)
        event.listen(engine, "connect", _prepare_file)
    else:
        engine = create_engine(address.set(drivername="postgresql+psycopg"), poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(_BEGIN[backend]))
    return engine


def _prepare_file(connection: Any, record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode=WAL")


def _explain(address: URL, error: DatabaseError | OSError) -> str:
    if isinstance(error, OSError):
        reason = f"{error.strerror}: {error.filename}"
    else:
        reason = str(error.orig).strip().partition("\n")[0]
    return (
        f"the database {address.render_as_string(hide_password=True)} cannot be used: {reason}; "
        "put that right, or name another database in ARTEL_DATABASE_URL"
    )
