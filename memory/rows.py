"""Single rows by plain statements, for what every run and every decision does.

To put a statement together takes as long as to execute it, and the mapper as long again: so each kind of
statement is put together once, and rows come and go without the mapper. Rows that a session has loaded
do not see what is changed here, and what is changed in a row found here is not stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Select, Table, Update, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm.attributes import manager_of_class
from sqlmodel import SQLModel

from .db import TenantSession
from .models import TenantRow

_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

Row = TypeVar("Row", bound=TenantRow)
Where = tuple[tuple[str, str], ...]


def find(
    session: TenantSession, model: type[Row], where: Mapping[str, Any], *, lock: bool = False
) -> Row | None:
    """The row with these values, of the session's tenant. A tuple in `where` means any of its values.

    lock: nobody else may change it until the transaction ends.
    """
    kinds, held = _conditions(session, where)
    query = _select(_table(model), kinds, lock)
    row = session.connection().execute(query, held).mappings().first()
    return None if row is None else made(model, row)


def find_all(session: TenantSession, model: type[Row], where: Mapping[str, Any]) -> list[Row]:
    """The rows with these values, as `find` reads them, in no order."""
    kinds, held = _conditions(session, where)
    query = _select(_table(model), kinds, False)
    return [made(model, row) for row in session.connection().execute(query, held).mappings()]


def insert(session: TenantSession, row: TenantRow) -> None:
    """Store it as the session's tenant's. Errors: IntegrityError when a key of it is taken."""
    row.tenant_id = session.info["tenant"]
    session.flush()
    session.connection().execute(_table(type(row)).insert(), row.model_dump())


def insert_missing(session: TenantSession, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose keys nobody has; how many those were. One statement, so two may do it at once.

    A tenant's rows get the session's tenant, whatever they say themselves.
    """
    if not rows:
        return 0
    owner = _owner(session) if issubclass(model, TenantRow) else {}
    session.flush()
    connection = session.connection()
    insert = _insert_missing(_table(model), connection.dialect.name)
    return len(connection.execute(insert, [{**row, **owner} for row in rows]).all())


def change(
    session: TenantSession, model: type[TenantRow], where: Mapping[str, Any], values: Mapping[str, Any]
) -> int:
    """How many rows were changed. A tuple in `where` means any of its values."""
    statement, told = _changing(session, model, where, values)
    return session.connection().execute(statement, told).rowcount


def changed(
    session: TenantSession, model: type[TenantRow], where: Mapping[str, Any], values: Mapping[str, Any]
) -> Sequence[str]:
    """The ids of the rows that were changed, as by `change`."""
    statement, told = _changing(session, model, where, values)
    ids = statement.returning(_table(model).c.id)
    return session.connection().execute(ids, told).scalars().all()


def made(model: type[Row], values: Mapping[Any, Any]) -> Row:
    """As the mapper makes what it loads: what comes from the table needs no validation."""
    row: Row = manager_of_class(model).new_instance()
    row.__dict__.update(values)
    return row


def _changing(
    session: TenantSession, model: type[TenantRow], where: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[Update, dict[str, Any]]:
    kinds, held = _conditions(session, where)
    become = {f"to_{name}": value for name, value in values.items()}
    return _update(_table(model), kinds, tuple(values)), {**held, **become}


def _owner(session: TenantSession) -> dict[str, str]:
    return {"tenant_id": session.info["tenant"]}


def _conditions(session: TenantSession, where: Mapping[str, Any]) -> tuple[Where, dict[str, Any]]:
    """What a statement asks, and with which values; all that the session holds is written before it."""
    session.flush()
    told = {**where, **_owner(session)}
    kinds = tuple((name, _kind(value)) for name, value in told.items())
    return kinds, {f"is_{name}": value for name, value in told.items() if value is not None}


def _kind(value: Any) -> str:
    return "null" if value is None else "any" if isinstance(value, tuple) else "one"


@cache
def _select(table: Table, where: Where, lock: bool) -> Select[Any]:
    query = select(table).where(*_compared(table, where))
    return query.with_for_update() if lock else query


@cache
def _update(table: Table, where: Where, values: tuple[str, ...]) -> Update:
    become = {name: bindparam(f"to_{name}", type_=table.c[name].type) for name in values}
    return table.update().where(*_compared(table, where)).values(become)


@cache
def _insert_missing(table: Table, dialect: str) -> Any:
    # psycopg counts no rows of a conflicting insert, so those that were inserted are asked for.
    return _INSERT[dialect](table).on_conflict_do_nothing().returning(*table.primary_key)


def _compared(table: Table, where: Where) -> list[ColumnElement[bool]]:
    return [_comparison(table.c[name], kind) for name, kind in where]


def _comparison(column: ColumnElement[Any], kind: str) -> ColumnElement[bool]:
    if kind == "null":
        return column.is_(None)
    if kind == "any":
        return column.in_(bindparam(f"is_{column.key}", expanding=True))
    return column == bindparam(f"is_{column.key}")


def _table(model: type[SQLModel]) -> Table:
    return cast(Table, model.__table__)  # type: ignore[attr-defined]
