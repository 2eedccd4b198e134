"""A tenant's rows out of one database into another of the same version, whichever kinds the two are of."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Select, Table, create_engine, delete, insert, select
from sqlalchemy.engine import URL, make_url
from sqlmodel import SQLModel

from .models import DEFAULT_TENANT

AT_ONCE = 1000


def copy_rows(source: str, target: str, tenant: str = DEFAULT_TENANT) -> None:
    """As they are at one moment; what the target had of our tables goes. Its search index stays empty."""
    reading, writing = create_engine(_address(source)), create_engine(_address(target))
    try:
        snapshot = reading.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with snapshot.connect() as seen, writing.begin() as made:
            for table, rows in _owned(tenant):
                made.execute(delete(table))
                _copy(seen, rows, made, table)
    finally:
        reading.dispose()
        writing.dispose()


def _copy(seen: Connection, rows: Select[tuple[object, ...]], made: Connection, table: Table) -> None:
    for part in seen.execution_options(yield_per=AT_ONCE).execute(rows).mappings().partitions():
        made.execute(insert(table), [dict(row) for row in part])


def _owned(tenant: str) -> Iterator[tuple[Table, Select[tuple[object, ...]]]]:
    """Each table that has rows of tenants, with the query of this one's."""
    for table in SQLModel.metadata.sorted_tables:
        if (owner := table.c.get("id" if table.name == "tenant" else "tenant_id")) is not None:
            yield table, select(table).where(owner == tenant)


def _address(url: str) -> URL:
    address = make_url(url)
    return address if address.get_backend_name() == "sqlite" else address.set(drivername="postgresql+psycopg")
