"""Places on the report's charts: figures in, coordinates out, in units of the SVG's own grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan

from .verdict import Line, Verdict

_Place = Callable[[float | None], float | None]
_MakeRow = Callable[[Line, int, str, _Place], "Row"]

ROW = 26
LEFT = 210
WIDTH = 420
RIGHT = 90


@dataclass(frozen=True)
class Row:
    """One line of a chart. Places along the x axis; None: not to be drawn. `title`: above its evaluation's
    first row, whose own `y` is a row lower."""

    y: int
    label: str
    told: str
    at: float | None
    low: float | None
    high: float | None
    marks: tuple[tuple[str, float], ...]
    failed: bool
    title: str = ""


@dataclass(frozen=True)
class Chart:
    """ticks: (place, what stands there)."""

    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, float], ...]
    height: int

    width: int = LEFT + WIDTH + RIGHT
    left: int = LEFT
    right: int = LEFT + WIDTH


def scores(verdicts: Sequence[Verdict]) -> Chart:
    """Each figure with its interval, the baseline, the gate and the goal, from 0 to 1."""
    return _chart(verdicts, 0.0, 1.0, _score)


def deltas(verdicts: Sequence[Verdict]) -> Chart:
    """How much better than the baseline, with its interval; the axis is as wide as the widest of them."""
    told = [line.paired for verdict in verdicts for line in verdict.lines if line.paired]
    ends = [abs(it) for than in told for it in (than.delta, than.interval.low, than.interval.high)]
    far = max([it for it in ends if not isnan(it)], default=0.0)
    far = max(0.01, -(-far // 0.01) * 0.01)
    return _chart(verdicts, -far, far, _delta)


def _chart(verdicts: Sequence[Verdict], low: float, high: float, row: _MakeRow) -> Chart:
    rows, y = [], ROW
    for verdict in verdicts:
        y += ROW
        for place, line in enumerate(verdict.lines):
            title = verdict.results.name if not place else ""
            rows.append(row(line, y, title, lambda value: _x(value, low, high)))
            y += ROW
    ticks = [low + (high - low) * part / 4 for part in range(5)]
    return Chart(tuple(rows), tuple((_place(it, low, high), it) for it in ticks), y + ROW // 2)


def _score(line: Line, y: int, title: str, x: _Place) -> Row:
    marks = (("gate", line.gate), ("goal", line.figure.goal), ("baseline", line.baseline))
    drawn = tuple((name, place) for name, value in marks if (place := x(value)) is not None)
    around = (x(line.interval.low), x(line.interval.high))
    return Row(
        y, line.figure.name, _told(line.value), x(line.value), *around, drawn, bool(line.failures), title
    )


def _delta(line: Line, y: int, title: str, x: _Place) -> Row:
    than = line.paired
    if than is None:
        return Row(y, line.figure.name, "—", None, None, None, (), bool(line.failures), title)
    around = (x(than.interval.low), x(than.interval.high))
    told = _told(than.delta, sign=True)
    return Row(y, line.figure.name, told, x(than.delta), *around, (), bool(line.failures), title)


def _told(value: float, *, sign: bool = False) -> str:
    if isnan(value):
        return "—"
    return f"{value:+.3f}" if sign and value else f"{value:.3f}"


def _x(value: float | None, low: float, high: float) -> float | None:
    return None if value is None or isnan(value) else _place(value, low, high)


def _place(value: float, low: float, high: float) -> float:
    """What lies outside of the axis stands at its end."""
    return round(LEFT + WIDTH * (min(max(value, low), high) - low) / (high - low), 1)
