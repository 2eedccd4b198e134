"""The providers of models, as tables for the terminal. Pure: JSON in, what rich prints out."""

from __future__ import annotations

from collections.abc import Mapping

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from .cards import Json
from .words import Words

_ANSWERED = ("ok", "truncated")
_COLUMNS = ("provider", "model", "key", "outcome", "latency")


def probes(body: Json, words: Words) -> RenderableType:
    """Who answered. Without a key there is nobody to ask, which is said."""
    if not body["items"]:
        return Text(words("llm.none"))
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in _COLUMNS:
        table.add_column(words(f"column.{column}"), overflow="fold")
    for probe in body["items"]:
        told = words.name("outcome", probe["outcome"])
        outcome = Text(told, style="green" if probe["outcome"] in _ANSWERED else "red")
        if probe["message"]:
            outcome = Text.assemble(outcome, "\n", (probe["message"], "dim"))
        place = Text.assemble(probe["provider"], (f" · {words.name('region', probe['region'])}", "dim"))
        table.add_row(place, probe["model"], probe["key"], outcome, words.share(probe["seconds"]))
    return table


def offers(body: Json, words: Words) -> RenderableType:
    """What each agent asks, and what there is beside it."""
    asked = Table.grid(padding=(0, 2))
    for policy in body["policies"]:
        steps = Text("\n").join(Text(_step(step)) for step in policy["steps"])
        asked.add_row(Text(policy["agent"], style="bold"), steps)
    vendors = [_offer(offer, words) for offer in body["items"]]
    return Group(Text(words("llm.asked"), style="dim"), asked, *(vendors or [Text(words("llm.none"))]))


def _step(step: Mapping[str, float]) -> str:
    """Several with weights are a comparison."""
    if len(step) == 1:
        return next(iter(step))
    whole = sum(step.values())
    return " | ".join(f"{name} {weight / whole:.0%}" for name, weight in step.items())


def _offer(offer: Json, words: Words) -> RenderableType:
    head = Text.assemble("\n", (offer["provider"], "bold"), f" · {words.name('region', offer['region'])}")
    names = Text(", ".join(offer["models"]) or offer["message"], style="" if offer["models"] else "red")
    return Group(head, names)
