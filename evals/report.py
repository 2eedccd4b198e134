"""One measured figure and how to print many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """A metric, what was measured now, and what it is held against (a figure or a demand)."""

    metric: str
    value: float | str
    baseline: str = ""


def show(title: str, rows: Iterable[Row]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("metric")
    table.add_column("measured", justify="right")
    table.add_column("baseline or demand")
    for row in rows:
        value = row.value if isinstance(row.value, str) else f"{row.value:.3f}".rstrip("0").rstrip(".")
        table.add_row(row.metric, value, row.baseline)
    Console(width=110).print(table)
