"""The providers of models, as tables for the terminal. Pure: JSON in, what rich prints out."""

from __future__ import annotations

from collections.abc import Collection, Mapping

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
        place = Text.assemble(probe["provider"], (f"\n{words.name('region', probe['region'])}", "dim"))
        seconds = words.share(probe["seconds"])
        table.add_row(place, probe["model"], probe["key"], _outcome(probe, words), seconds)
    return table


def _outcome(told: Json, words: Words) -> Text:
    """In a word, and what the vendor said about it."""
    style = "green" if told["outcome"] in _ANSWERED else "red"
    outcome = Text(words.name("outcome", told["outcome"]), style=style)
    return Text.assemble(outcome, (f"\n{told['message']}", "dim")) if told["message"] else outcome


def offers(body: Json, words: Words) -> RenderableType:
    """What each agent asks, and what there is beside it."""
    asked = Table.grid(padding=(0, 2))
    keys = {offer["provider"] for offer in body["items"]}
    for policy in body["policies"]:
        steps = Text("\n").join(_step(step, keys, words) for step in policy["steps"])
        asked.add_row(Text(policy["agent"], style="bold"), steps)
    vendors = [_offer(offer, words) for offer in body["items"]]
    return Group(Text(words("llm.asked"), style="dim"), asked, *(vendors or [Text(words("llm.none"))]))


def _step(step: Mapping[str, float], keys: Collection[str], words: Words) -> Text:
    """Several with weights are a comparison. One that nobody has a key for is passed over."""
    whole = sum(step.values())
    return Text(" | ").join(
        Text(f"{name} {weight / whole:.0%}" if len(step) > 1 else name)
        if name.partition("/")[0] in keys
        else Text(f"{name} ({words('llm.no_key')})", style="dim")
        for name, weight in step.items()
    )


def _offer(offer: Json, words: Words) -> RenderableType:
    head = Text.assemble("\n", (offer["provider"], "bold"), f" · {words.name('region', offer['region'])}")
    if offer["outcome"] not in _ANSWERED:
        return Group(head, _outcome(offer, words))
    return Group(head, Text(", ".join(offer["models"])) if offer["models"] else Text(words("llm.untold")))
