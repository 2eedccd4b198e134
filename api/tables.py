"""Lists and single things of the API as tables for the terminal. Pure: JSON in, what rich prints out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import shorten
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from .cards import Json, bar, hanging, quotes, section
from .words import Words

Cell = str | Text | None

# An id that is broken in two cannot be copied.
ID_WIDTH = 36
_WITH_ID = frozenset({"run", "queue.question", "column.company"})
SHOWN_CHARACTERS = 80


def reviews(page: Json, words: Words) -> RenderableType:
    rows = (
        (bar(row["score"], words), _titled(row["title"], row["id"]), words.name("status", row["status"]))
        for row in page["items"]
    )
    if not page["items"]:
        return Text(words("queue.empty"))
    head = Text(words("queue", count=words.number(page["total"])))
    return Group(head, _page(page, words, ("score", "queue.question", "column.status"), rows))


def runs(page: Json, words: Words) -> RenderableType:
    rows = (
        (_started(row, words), words.name("status", row["status"]), words.time(row["created_at"]))
        for row in page["items"]
    )
    return _page(page, words, ("run", "column.status", "column.created"), rows)


def run(body: Json, words: Words) -> RenderableType:
    known = {
        words("run"): body["id"],
        words("column.graph"): body["graph"],
        words("column.status"): words.name("status", body["status"]),
        words("column.trigger"): words.name("trigger", body["trigger"]),
        words("column.created"): words.time(body["created_at"]),
        words("column.finished"): words.time(body["finished_at"]),
        words("run.result"): body["error"] or _short(body["result"]),
    }
    return facts(known, words)


def companies(page: Json, words: Words) -> RenderableType:
    rows = (
        (_titled(row["name"], row["id"]), row.get("industry"), row.get("domain"), row.get("inn"))
        for row in page["items"]
    )
    return _page(page, words, ("column.company", "column.category", "column.domain", "column.inn"), rows)


def company(body: Json, words: Words) -> RenderableType:
    seen = {"verified": words("company.verified")} if body["verified"] else {}
    head = " · ".join(text for text in (body["industry"], body["domain"], *seen.values()) if text)
    parts: list[RenderableType] = [Text.assemble((body["name"], "bold"), "\n", (head, "dim"))]
    parts += [section(words("company.sources")), _sources(body["provenance"], words)]
    if body["signals"]:
        parts += [section(words("company.signals")), *(_signal(one, words) for one in body["signals"])]
    if body["partnerships"]:
        parts += [section(words("company.pairs")), _pairs(body["partnerships"], words)]
    return Group(*parts)


def feeds(page: Json, words: Words) -> RenderableType:
    rows = ((_feed(row), words.time(row["last_fetched_at"])) for row in page["items"])
    return _page(page, words, ("column.feed", "column.fetched"), rows)


def schedules(page: Json, words: Words) -> RenderableType:
    rows = (
        (
            _titled(row["name"], row["graph"]),
            _titled(row["cron"], row["timezone"]),
            _next(row, words),
            _last(row["last_run"], words),
        )
        for row in page["items"]
    )
    return _page(page, words, ("column.schedule", "column.cron", "column.next", "column.last"), rows)


def users(page: Json, words: Words) -> RenderableType:
    rows = (
        (
            _titled(row["login"], row["name"]),
            ", ".join(row["roles"]),
            words("user.is_disabled" if row["disabled_at"] else "user.is_enabled"),
        )
        for row in page["items"]
    )
    return _page(page, words, ("column.login", "column.roles", "column.status"), rows)


def limits(page: Json, words: Words) -> RenderableType:
    rows = ((row["subject"].removeprefix("person:"), words.roubles(row["rub"])) for row in page["items"])
    return _page(page, words, ("column.whose", "column.limit"), rows)


def deals(page: Json, words: Words) -> RenderableType:
    rows = (
        (
            bar(row["score"], words),
            row["title"],
            words.name("stage", row["stage"]),
            words.time(row["updated_at"]),
        )
        for row in page["items"]
    )
    return _page(page, words, ("score", "column.deal", "column.stage", "column.changed"), rows)


def _sources(fields: Sequence[Json], words: Words) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for field in fields:
        value = field["value"]
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        name = Text(words.name("field", field["field"]), style="dim")
        table.add_row(name, Text(shown), Text(field["source"], style="dim"))
    return table


def _signal(signal: Json, words: Words) -> RenderableType:
    lines = [Text(words.name("signal", signal["type"]), style="bold")]
    if signal["evidence"]:
        lines += quotes([signal["evidence"]])
    return hanging("•", *lines)


def _pairs(pairs: Sequence[Json], words: Words) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for pair in pairs:
        status = words.name("partnership", pair["status"])
        table.add_row(bar(pair["score"], words), Text(pair["other"]["name"]), Text(status, style="dim"))
    return table


def _page(page: Json, words: Words, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> RenderableType:
    """A table, or a word that it is empty; below it how to see more."""
    if not page["items"]:
        return Text(words("nothing"), style="dim")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(words(column), min_width=ID_WIDTH if column in _WITH_ID else None)
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell or "—") for cell in row))
    more = [Text(words("next_page", cursor=page["next"]), style="dim")] if page.get("next") else []
    return Group(table, *more)


def facts(facts: Mapping[str, str], words: Words) -> RenderableType:
    """A name and a value a line."""
    table = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        table.add_row(Text(name, style="dim"), Text(value))
    return table


def _titled(title: str, id: str) -> Text:
    return Text.assemble(title, "\n", (id, "dim"))


def _feed(feed: Json) -> Text:
    lines = Text("\n").join(Text(line) for line in (feed["title"], feed["url"]) if line)
    return lines if feed["last_error"] is None else Text.assemble(lines, "\n", (feed["last_error"], "red"))


def _started(row: Json, words: Words) -> Text:
    return _titled(f"{row['graph']} · {words.name('trigger', row['trigger'])}", row["id"])


def _next(row: Json, words: Words) -> str:
    if row["paused"]:
        return words("schedule.paused")
    return "\n".join(words.time(at) for at in row["next_times"]) or words.time(None)


def _last(run: Json | None, words: Words) -> Text | None:
    """How the schedule's last run stands, when it began, and what went wrong."""
    if run is None:
        return None
    lines = _titled(words.name("status", run["status"]), words.time(run["created_at"]))
    return Text.assemble(lines, "\n", (_line(run["error"]), "red")) if run["error"] else lines


def _short(result: Mapping[str, Any]) -> str:
    """A line a value, counts in place of lists: the whole of it is in --json."""
    values = {name: len(value) if isinstance(value, list) else value for name, value in result.items()}
    return "\n".join(_line(f"{name}: {value}") for name, value in values.items())


def _line(text: str) -> str:
    return shorten(text, SHOWN_CHARACTERS, placeholder=" …")
