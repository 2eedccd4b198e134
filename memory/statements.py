"""Statements in the database's own words, handed to its driver.

SQLAlchemy needs three times as long to hand a small statement over as the database to execute it. So a
statement is compiled once for each database, and its values then go by the types of its columns only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

Statement = Select[Any] | Insert | Update | Delete
Convert = Callable[[Any], Any]


class Cursor(Protocol):
    """A driver's cursor, see PEP 249."""

    rowcount: int
    description: Sequence[Sequence[Any]]

    def execute(self, sql: str, values: Any) -> Any: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...


@dataclass(frozen=True)
class Compiled:
    """values: those that stand in the statement itself; order: the names of values that go by place, None
    when they go by name; binds: how values go into the database.
    """

    sql: str
    values: Mapping[str, Any]
    order: Sequence[str] | None
    binds: Mapping[str, Convert]

    def bound(self, values: Mapping[str, Any]) -> Sequence[Any] | Mapping[str, Any]:
        whole = {**self.values, **values}
        for name, convert in self.binds.items():
            whole[name] = convert(whole[name])
        return whole if self.order is None else [whole[name] for name in self.order]


Column = tuple[str, Convert | None]
Kept = tuple[Statement, str]
_CURSOR = "artel.cursor"
_COMPILED: dict[Kept, Compiled] = {}
_COLUMNS: dict[Kept, Sequence[Column]] = {}


def fetch(connection: Connection, statement: Statement, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows, each by the names of its columns. Statements are kept: build each kind once.

    Errors: sqlalchemy.exc.DBAPIError, as by `Connection.execute`.
    """
    cursor = _executed(connection, statement, values)
    columns = _columns(statement, connection.dialect, cursor)
    return [_read(columns, row) for row in cursor.fetchall()]


def count(connection: Connection, statement: Statement, values: Mapping[str, Any]) -> int:
    """How many rows it changed. Otherwise as `fetch`."""
    return _executed(connection, statement, values).rowcount


def _executed(connection: Connection, statement: Statement, values: Mapping[str, Any]) -> Cursor:
    compiled = _compiled(statement, connection.dialect)
    return _execute(connection, compiled.sql, compiled.bound(values))


def _execute(connection: Connection, sql: str, values: Any) -> Cursor:
    dialect = connection.dialect
    dbapi: Any = dialect.loaded_dbapi
    cursor = _cursor(connection)
    try:
        cursor.execute(sql, values)
    except dbapi.Error as error:
        if dialect.is_disconnect(error, connection.connection, None):
            # It fails too: so SQLAlchemy finds out itself, and gives up what else the pool holds.
            connection.exec_driver_sql("SELECT 1")
        raise DBAPIError.instance(sql, values, error, dbapi.Error, dialect=dialect) from error
    return cursor


def _cursor(connection: Connection) -> Cursor:
    """The driver's connection keeps one: its answer is read before it executes the next statement."""
    kept = connection.info.get(_CURSOR)
    if kept is None:
        kept = connection.info[_CURSOR] = cast(Cursor, connection.connection.cursor())
    return cast(Cursor, kept)


def _compiled(statement: Statement, dialect: Dialect) -> Compiled:
    key = statement, dialect.name
    if key not in _COMPILED:
        _COMPILED[key] = _compile(statement, dialect)
    return _COMPILED[key]


def _compile(statement: Statement, dialect: Dialect) -> Compiled:
    compiled: SQLCompiler = statement.compile(dialect=dialect)
    kinds = {name: bind.type.dialect_impl(dialect) for bind, name in compiled.bind_names.items()}
    binds = {name: bind for name, kind in kinds.items() if (bind := kind.bind_processor(dialect))}
    return Compiled(compiled.string, compiled.params, compiled.positiontup, binds)


def _columns(statement: Statement, dialect: Dialect, cursor: Cursor) -> Sequence[Column]:
    """What a row holds and how it comes out of the database, as the first answer told its types."""
    key = statement, dialect.name
    if key not in _COLUMNS:
        told = zip(statement.exported_columns, cursor.description, strict=True)
        kinds = ((str(column.key), column.type.dialect_impl(dialect), code) for column, (_, code, *_) in told)
        _COLUMNS[key] = [(name, kind.result_processor(dialect, code)) for name, kind, code in kinds]
    return _COLUMNS[key]


def _read(columns: Sequence[Column], row: Sequence[Any]) -> dict[str, Any]:
    values = zip(columns, row, strict=True)
    return {name: convert(value) if convert else value for (name, convert), value in values}
