"""What SQLite's planner is told of the indexes that begin with a tenant: that a tenant narrows nothing.

Untold, SQLite takes any index to narrow a table to ten rows, and reads a whole tenant to find fifty rows by
their ids. What ANALYZE counts suits the day it ran on; these figures are fixed, so that plans are the same
for ten rows and for a million (https://www.sqlite.org/optoverview.html#the_analyze_command,
https://www.sqlite.org/fileformat2.html#the_sqlite_stat1_table).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

ROWS = 1_048_576
"""Of a table. SQLite takes the same where it is told nothing."""
ALIKE = 10
"""Rows that share what no unique index holds, likewise."""
# Columns of few values: each leaves so many times fewer rows.
_NARROWED = {"tenant_id": 1, "status": 4, "kind": 2, "lang": 2, "escalated_at": 2}
_COLUMNS = """
    SELECT "table".name, "index".name, "index"."unique", "column".name
    FROM sqlite_schema "table"
    JOIN pragma_index_list("table".name) "index"
    JOIN pragma_index_info("index".name) "column"
    WHERE "table".type = 'table' AND NOT "index".partial
    ORDER BY "index".name, "column".seqno
"""


def teach(connection: Connection) -> None:
    """Connections that are opened later know it. A second call changes nothing."""
    if connection.dialect.name != "sqlite":
        return
    # Nobody but ANALYZE may make the table of figures.
    connection.exec_driver_sql("ANALYZE tenant")
    known = {tuple(row) for row in connection.exec_driver_sql("SELECT tbl, idx, stat FROM sqlite_stat1")}
    for table, index, figures in set(_figures(connection)) - known:
        connection.exec_driver_sql("DELETE FROM sqlite_stat1 WHERE idx = ?", (index,))
        connection.exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", (table, index, figures))


def _figures(connection: Connection) -> Iterator[tuple[str, str, str]]:
    columns: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for table, index, is_unique, column in connection.exec_driver_sql(_COLUMNS):
        columns[table, index, bool(is_unique)].append(column)
    for (table, index, is_unique), names in columns.items():
        if names[0] == "tenant_id":
            yield table, index, " ".join(map(str, _left(names, is_unique=is_unique)))


def _left(columns: Sequence[str], *, is_unique: bool) -> Iterator[int]:
    """The rows of a table, and those that are alike in the first column, in the first two and so on."""
    rows = ROWS
    yield rows
    for place, column in enumerate(columns, 1):
        rows = rows // _NARROWED[column] if column in _NARROWED else min(rows, ALIKE)
        yield 1 if is_unique and place == len(columns) else rows
