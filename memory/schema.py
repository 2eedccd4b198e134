"""The schema's version: bring a database up to it, or say why that cannot be done."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, insert, select
from sqlalchemy.engine import make_url

from .models import DEFAULT_TENANT, Tenant

_MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaTooNew(Exception):
    """The database was written by a newer Artel. Update Artel, or name another database."""


def upgrade(url: str) -> None:
    """Create or bring forward the tables of the database at `url`; a second call changes nothing.

    Errors: SchemaTooNew, before anything is changed.
    """
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        address = address.set(drivername="postgresql+psycopg")
    engine = create_engine(address)
    try:
        with engine.begin() as connection:
            _upgrade(connection)
    finally:
        engine.dispose()


def config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    _check_known(connection)
    command.upgrade(config(connection), "head")
    if connection.execute(select(Tenant.id).where(Tenant.id == DEFAULT_TENANT)).first() is None:
        connection.execute(insert(Tenant).values(id=DEFAULT_TENANT, name="Default"))


def _check_known(connection: Connection) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    found = set(MigrationContext.configure(connection).get_current_heads())
    if unknown := found - known:
        raise SchemaTooNew(
            f"the database has schema {', '.join(sorted(unknown))}, which this Artel does not know: "
            "update Artel or set ARTEL_DATABASE_URL to another database"
        )
