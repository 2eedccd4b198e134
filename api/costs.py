"""What the models cost, as a table for the terminal. Pure: JSON in, what rich prints out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from .cards import Json
from .words import Words

Write = Callable[[Json, Words], str]

_NAMES = ("model", "provider", "agent")
_NUMBERS: Mapping[str, Write] = {
    "calls": lambda line, words: words.number(line["calls"]),
    "failures": lambda line, words: _some(line["failures"], words),
    "fallbacks": lambda line, words: _some(line["fallbacks"], words),
    "tokens": lambda line, words: words.number(line["tokens_in"] + line["tokens_out"]),
    "cost": lambda line, words: words.sum(line["cost_rub"]),
    "latency": lambda line, words: _seconds(line["latency_ms"], words),
}


def usage(body: Json, words: Words) -> RenderableType:
    lines, since = body["items"], words.time(body["since"])
    if not lines:
        return Text(words("usage.empty", since=since), style="dim")
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    days = [words.day(line["day"]) if line["day"] else "" for line in lines]
    if any(days):
        table.add_column(words("column.day"), no_wrap=True)
    names = [name for name in _NAMES if lines[0][name] is not None]
    if names:
        table.add_column(words(f"column.{names[0]}"), overflow="fold")
    for name in _NUMBERS:
        table.add_column(words(f"column.{name}"), justify="right", no_wrap=True)
    for line, day, before in zip(lines, days, ["", *days], strict=False):
        told = [Text(day if day != before else "")] if day else []
        told += [_asked(line, names)] if names else []
        table.add_row(*told, *(Text(write(line, words)) for write in _NUMBERS.values()))
    return Group(Text(_head(body, words)), table)


def _asked(line: Json, names: Sequence[str]) -> Text:
    """Which model, and below it of whom and who asked, as far as calls were told apart by it."""
    first, *others = (str(line[name]) for name in names)
    return Text.assemble(first, ("\n" + " · ".join(others), "dim")) if others else Text(first)


def _head(body: Json, words: Words) -> str:
    """All of it in one line."""

    def total(name: str) -> float:
        return sum((float(line[name]) for line in body["items"]), 0.0)

    counted = {"calls": "call", "failures": "failure", "fallbacks": "fallback"}
    counts = ", ".join(words.count(int(total(name)), noun) for name, noun in counted.items())
    return words(
        "usage", since=words.time(body["since"]), counts=counts, cost=words.roubles(total("cost_rub"))
    )


def _some(number: int, words: Words) -> str:
    return words.number(number) if number else "—"


def _seconds(ms: float | None, words: Words) -> str:
    return "—" if ms is None else words.share(ms / 1000)
