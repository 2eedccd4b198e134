"""Runs followed by their events until they wait for a person or have ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from .cards import Json
from .client import Refused, Unreachable, events
from .desk import Desk
from .live import Step, step

ENDINGS = ("waiting", "done", "failed", "cancelled", "dead")
PAGE = 200


async def watch(desk: Desk, run_id: str, shown: Step) -> Json:
    """The run's last status as {status, error, reviews?}; `shown` names the nodes as they end.

    Errors: Refused when the run failed; Unreachable when the server closes before the run has ended.
    """
    last: Json = {}
    async for event in events(desk.api, run_id):
        if event.type == "status":
            last = event.data
        elif event.type == "node":
            shown.note(desk.words.name("node", event.data["node"]))
    if last.get("status") not in ENDINGS:
        raise Unreachable(desk.words("run.lost", id=run_id))
    if last["status"] in ("failed", "dead"):
        raise Refused(desk.words("run.failed", id=run_id, error=last["error"]))
    return last


async def watch_scout(desk: Desk, run_id: str) -> Json:
    """The scout run once it has ended and no pair is under way any more. Errors: those of `watch`."""
    with step(desk.aside, desk.words("scout.working")) as shown:
        await watch(desk, run_id, shown)
        run: Json = await desk.get(f"runs/{run_id}")
        shown.done(_found(desk, run["result"]))
    for problem in run["result"].get("problems", ()):
        desk.warn(problem)
    await _watch_pairs(desk, run)
    return run


async def _watch_pairs(desk: Desk, scout: Json) -> None:
    with step(desk.aside, desk.words("scout.pairs")) as shown:
        under_way = await _pairs(desk, status=["queued", "running"])
        shown.expect(len(under_way))
        for run in under_way:
            # A pair that failed holds nobody up: it is counted below.
            await _settled(desk, run["id"], shown)
            shown.advance()
        mine = [run for run in await _pairs(desk, newer_than=scout["id"]) if run["parent_id"] == scout["id"]]
        shown.done(_came_of(desk, Counter(run["status"] for run in mine)))


async def _settled(desk: Desk, run_id: str, shown: Step) -> None:
    async for event in events(desk.api, run_id):
        if event.type == "node":
            shown.note(desk.words.name("node", event.data["node"]))


async def _pairs(desk: Desk, *, newer_than: str = "", status: Sequence[str] = ()) -> list[Json]:
    """The runs of pairs, newest first, back to the run `newer_than` (ids sort by their time)."""
    found: list[Json] = []
    page: Json = {"next": None}
    while True:
        page = await desk.get("runs", graph="partnership", status=status, limit=PAGE, before=page["next"])
        newer = [run for run in page["items"] if run["id"] > newer_than]
        found += newer
        if page["next"] is None or len(newer) < len(page["items"]):
            return found


def _found(desk: Desk, result: Json) -> str:
    words = desk.words
    nouns = (("articles", "article"), ("companies", "company"), ("signals", "signal"), ("pairs", "pair"))
    counts = [words.count(_count(result[name]), noun) for name, noun in nouns if name in result]
    started = words("scout.started", count=words.number(result.get("started", 0)))
    return words("scout.found", counts=", ".join(counts), started=started)


def _count(found: int | list[Any]) -> int:
    return len(found) if isinstance(found, list) else found


def _came_of(desk: Desk, endings: Counter[str]) -> str:
    words = desk.words
    if not endings:
        return words("scout.idle")
    parts = [words(f"scout.{status}", count=endings[status]) for status in ENDINGS if endings[status]]
    return words("scout.settled", count=words.count(endings.total(), "pair"), parts=" · ".join(parts))
