"""What a run brought, in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from .statistics import Interval, Paired
from .verdict import Line, Verdict
from .words import Words


def show(console: Console, verdicts: Sequence[Verdict], words: Words) -> None:
    """All figures, then what got worse."""
    console.print(_table(verdicts, words))
    failures = [it for verdict in verdicts for it in lines_of(verdict)]
    console.print(words("worse") if failures else words("fine"))
    for line in failures:
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def lines_of(verdict: Verdict) -> list[str]:
    """Why its gate fails, a line each."""
    name = verdict.results.name
    return [*verdict.failures, *(f"{name}: {it}" for line in verdict.lines for it in line.failures)]


def _table(verdicts: Sequence[Verdict], words: Words) -> Table:
    table = Table(title_justify="left")
    table.add_column(words("metric"), no_wrap=True)
    for name in ("score", "interval", "baseline", "delta", "split", "gate", "goal"):
        table.add_column(words(name), justify="right", no_wrap=True)
    for verdict in verdicts:
        count = len(verdict.results.cases)
        table.add_row(f"[bold]{verdict.results.name}[/bold], {words('cases')}: {count}", end_section=False)
        for line in verdict.lines:
            table.add_row(*_cells(line, words), style="red" if line.failures else None)
        table.add_section()
    return table


def _cells(line: Line, words: Words) -> list[str]:
    number, than = words.number, line.paired
    return [
        f"  {line.figure.name}",
        number(line.value),
        around(line.interval, words),
        number(line.baseline),
        difference(than, words),
        split(than, words),
        number(line.gate),
        number(line.figure.goal),
    ]


def around(told: Interval, words: Words) -> str:
    return f"{words.number(told.low)} … {words.number(told.high)}" if told.low == told.low else "—"


def difference(than: Paired | None, words: Words) -> str:
    """The delta, and its interval where it has a width."""
    if than is None:
        return "—"
    told = words.signed(than.delta)
    low, high = than.interval.low, than.interval.high
    return f"{told} ({words.signed(low)} … {words.signed(high)})" if low < high else told


def split(than: Paired | None, words: Words) -> str:
    if than is None or not than.wins + than.losses:
        return "—"
    return f"{than.wins} : {than.losses}, {words.number(than.p, 2)}"
