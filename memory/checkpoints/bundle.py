"""What LangGraph stores at once, as one statement: one round trip to the server, and one commit.

Its pipeline needs neither more round trips, but several times the processor's time of a plain statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

Statement = tuple[str, list[Any]]

_ROW = re.compile(r"VALUES\s*(\([^)]*\))")


class Bundle:
    """Takes statements as a cursor does. What it answers with, nobody asks."""

    def __init__(self) -> None:
        self._taken: list[Statement] = []

    def execute(self, query: str, values: Sequence[Any] = ()) -> None:
        self._taken.append((query.strip().rstrip(";"), list(values)))

    def executemany(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for all rows, unless they may change the same row after each other."""
        rows = list(rows)
        if "DO UPDATE" in query:
            for row in rows:
                self.execute(query, row)
        elif rows:
            self.execute(_repeated(query, len(rows)), [value for row in rows for value in row])

    def statements(self) -> list[Statement]:
        """One that does all, where each has rows of its own to change; else all of them."""
        queries = tuple(query for query, _ in self._taken)
        if len(set(queries)) < len(queries) or not queries:
            return self._taken
        return [(_joined(queries), [value for _, values in self._taken for value in values])]


@cache
def _repeated(query: str, rows: int) -> str:
    return _ROW.sub(lambda found: "VALUES " + ", ".join([found[1]] * rows), query)


@cache
def _joined(queries: tuple[str, ...]) -> str:
    *before, last = queries
    parts = ", ".join(f"part_{number} AS ({query})" for number, query in enumerate(before))
    return f"WITH {parts} {last}" if parts else last
