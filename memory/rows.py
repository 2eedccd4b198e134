"""Single rows by plain statements, for what every run and every decision does.

To put a statement together takes as long as to execute it, and the mapper as long again: so each kind of
statement is put together once (see memory.statements), and rows come and go without the mapper. Rows that
a session has loaded do not see what is changed here, and what is changed in a row found here is not stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Insert, Select, Table, Update, bindparam, false, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm.attributes import manager_of_class
from sqlmodel import SQLModel

from .db import TenantSession
from .models import TenantRow
from .statements import count, fetch

_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

# So many rows go in by one statement, and each number of them by a statement of its own that is kept.
_TOGETHER = 8

Row = TypeVar("Row", bound=TenantRow)
Where = tuple[tuple[str, int | None], ...]


def find(
    session: TenantSession, model: type[Row], where: Mapping[str, Any], *, lock: bool = False
) -> Row | None:
    """The row with these values, of the session's tenant. A tuple in `where` means any of its values.

    lock: nobody else may change it until the transaction ends.
    """
    found = _found(session, model, where, lock)
    return found[0] if found else None


def find_all(session: TenantSession, model: type[Row], where: Mapping[str, Any]) -> list[Row]:
    """The rows with these values, as `find` reads them, in no order."""
    return _found(session, model, where, False)


def insert(session: TenantSession, row: TenantRow) -> None:
    """Store it as the session's tenant's. Errors: IntegrityError when a key of it is taken."""
    row.tenant_id = session.info["tenant"]
    session.flush()
    values = row.model_dump()
    count(session.connection(), _insert(_table(type(row)), tuple(values)), _to(values))


def insert_missing(session: TenantSession, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose keys nobody has; how many those were. Two may do it at once.

    A tenant's rows get the session's tenant, whatever they say themselves.
    """
    owner = _owner(session) if issubclass(model, TenantRow) else {}
    session.flush()
    connection, table = session.connection(), _table(model)
    added = 0
    for start in range(0, len(rows), _TOGETHER):
        some = [{**row, **owner} for row in rows[start : start + _TOGETHER]]
        missing = _insert_missing(table, tuple(some[0]), connection.dialect.name, len(some))
        values = {name: value for place, row in enumerate(some) for name, value in _to(row, place).items()}
        added += len(fetch(connection, missing, values))
    return added


def change(
    session: TenantSession, model: type[TenantRow], where: Mapping[str, Any], values: Mapping[str, Any]
) -> int:
    """How many rows were changed. A tuple in `where` means any of its values."""
    kinds, held = _conditions(session, where)
    statement = _update(_table(model), kinds, tuple(values))
    return count(session.connection(), statement, {**held, **_to(values)})


def changed(
    session: TenantSession, model: type[TenantRow], where: Mapping[str, Any], values: Mapping[str, Any]
) -> Sequence[str]:
    """The ids of the rows that were changed, as by `change`."""
    kinds, held = _conditions(session, where)
    statement = _update_telling(_table(model), kinds, tuple(values))
    return [row["id"] for row in fetch(session.connection(), statement, {**held, **_to(values)})]


def made(model: type[Row], values: Mapping[Any, Any]) -> Row:
    """As the mapper makes what it loads: what comes from the table needs no validation."""
    row: Row = manager_of_class(model).new_instance()
    row.__dict__.update(values)
    return row


def _found(session: TenantSession, model: type[Row], where: Mapping[str, Any], lock: bool) -> list[Row]:
    kinds, held = _conditions(session, where)
    query = _select(_table(model), kinds, lock)
    return [made(model, row) for row in fetch(session.connection(), query, held)]


def _owner(session: TenantSession) -> dict[str, str]:
    return {"tenant_id": session.info["tenant"]}


def _conditions(session: TenantSession, where: Mapping[str, Any]) -> tuple[Where, dict[str, Any]]:
    """What a statement asks, and with which values; all that the session holds is written before it."""
    session.flush()
    told = {**where, **_owner(session)}
    kinds = tuple((name, _kind(value)) for name, value in told.items())
    return kinds, dict(chain.from_iterable(_held(name, value) for name, value in told.items()))


def _kind(value: Any) -> int | None:
    """Of how many values it is one; None: it is null."""
    return None if value is None else len(value) if isinstance(value, tuple) else 1


def _held(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    values = () if value is None else value if isinstance(value, tuple) else (value,)
    return ((f"is_{name}_{place}", each) for place, each in enumerate(values))


def _to(values: Mapping[str, Any], place: int = 0) -> dict[str, Any]:
    """place: among the rows of one statement."""
    return {f"to{place}_{name}": value for name, value in values.items()}


@cache
def _select(table: Table, where: Where, lock: bool) -> Select[Any]:
    query = select(table).where(*_compared(table, where))
    return query.with_for_update() if lock else query


@cache
def _insert(table: Table, names: tuple[str, ...]) -> Insert:
    return table.insert().values(_become(table, names))


@cache
def _insert_missing(table: Table, names: tuple[str, ...], dialect: str, many: int) -> Insert:
    # psycopg counts no rows of a conflicting insert, so those that were inserted are asked for.
    rows = [_become(table, names, place) for place in range(many)]
    inserted = _INSERT[dialect](table).values(rows).on_conflict_do_nothing()
    return cast(Insert, inserted.returning(*table.primary_key))


@cache
def _update(table: Table, where: Where, names: tuple[str, ...]) -> Update:
    return table.update().where(*_compared(table, where)).values(_become(table, names))


@cache
def _update_telling(table: Table, where: Where, names: tuple[str, ...]) -> Update:
    return _update(table, where, names).returning(table.c.id)


def _become(table: Table, names: Sequence[str], place: int = 0) -> dict[str, ColumnElement[Any]]:
    return {name: bindparam(f"to{place}_{name}", type_=table.c[name].type) for name in names}


def _compared(table: Table, where: Where) -> list[ColumnElement[bool]]:
    return [_comparison(table.c[name], kind) for name, kind in where]


def _comparison(column: ColumnElement[Any], kind: int | None) -> ColumnElement[bool]:
    if kind is None:
        return column.is_(None)
    values = [bindparam(f"is_{column.key}_{place}", type_=column.type) for place in range(kind)]
    return or_(false(), *(column == value for value in values))


def _table(model: type[SQLModel]) -> Table:
    return cast(Table, model.__table__)  # type: ignore[attr-defined]
