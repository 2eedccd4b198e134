"""The demo: real news in, proposals out, one of them followed to the CRM if asked. All of it over the API."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.status import Status

from graphs.runtime.settings import Settings

from . import cards, tables
from .cards import Json
from .decisions import decide
from .desk import Desk, at_desk
from .hints import how_to_go_on
from .importing import import_file
from .watch import watch_scout
from .words import Words

DATASETS = Path(__file__).parents[1] / "evals" / "datasets"
FEED = DATASETS / "news" / "feed.rss.xml"
FILES = (
    ("vendors.csv", "companies"),
    ("domains.csv", "companies"),
    ("integration_pairs.csv", "integrations"),
)
FOLDER = Path("data/demo")
SHOWN = 20


async def run_demo(settings: Settings, begun: Status, *, english: bool, approve_first: bool) -> None:
    """Errors: those of client.connected and Refused."""
    settings = of_demo(settings)
    async with at_desk(settings, begun, english=english) as desk:
        desk = replace(desk, aside=desk.out)
        await _fill(desk)
        await _scout(desk)
        waiting = await _waiting(desk)
        if approve_first and waiting:
            await _follow(desk, waiting[0])
            waiting = await _waiting(desk)
        _queue(desk, waiting)
        how_to_go_on(desk, waiting)


def of_demo(settings: Settings) -> Settings:
    """The settings with a folder and a database of the demo's own, unless a folder was named."""
    if "data_dir" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"data_dir": FOLDER, "database_url": ""})


async def _fill(desk: Desk) -> None:
    for name, kind in FILES:
        await import_file(desk, DATASETS / "companies" / name, kind)
    await desk.post("feeds", {"url": FEED.as_uri()})


async def _scout(desk: Desk) -> None:
    """The scout run of this news, which is one however often the demo is shown."""
    digest = hashlib.sha256(FEED.read_bytes()).hexdigest()[:16]
    answer = await desk.api.post("runs", json={"graph": "scout", "key": f"demo:{digest}"})
    run = answer.json()
    if answer.status_code == 200:
        desk.say(desk.words("demo.again"))
    if run["status"] in ("failed", "cancelled"):
        run = await desk.post("runs", {"graph": "scout"})
    await watch_scout(desk, run["id"])


async def _waiting(desk: Desk) -> list[Json]:
    """The cards of what waits, the best first."""
    page = await desk.get("reviews", limit=SHOWN)
    return [await desk.get(f"reviews/{review['id']}") for review in page["items"]]


async def _follow(desk: Desk, shown: Json) -> None:
    """Approve the proposal and show what that did, each thing as it stands afterwards."""
    words = desk.words
    desk.say("\n" + words("demo.approve", pair=cards.pair_of(shown)))
    run_id = await decide(desk, shown["review"], {"type": "approve"})
    card = await desk.get(f"reviews/{shown['review']['id']}")
    run = await desk.get(f"runs/{run_id}")
    deals = (await desk.get("deals"))["items"]
    deal = next(row for row in deals if row["key"] == card["review"]["partnership_id"])
    desk.show(_chain(words, card, run["result"], deal), tables.facts, as_json=False)
    desk.say(words("chain.sent", path=_sent(desk.settings, card["draft"])))


def _chain(words: Words, card: Json, learned: Json, deal: Json) -> dict[str, str]:
    decision, draft = card["decision"], card["draft"]
    chance = learned["probability"]
    forecast = words("unknown") if chance is None else words.share(chance)
    stage = words.name("stage", deal["stage"])
    return {
        words("chain.decision"): f"{words.name('decision', decision['type'])} · {decision['actor']}",
        words("letter"): draft["subject"],
        words("chain.deal"): f"{deal['title']} · {stage} · {words('version', version=deal['version'])}",
        words("probability"): f"{forecast}: {learned['probability_reason']}",
    }


def _sent(settings: Settings, draft: Json) -> Path:
    """The file in the outbox that carries this draft's key."""
    letters = (settings.data_dir / "outbox").glob("*.eml")
    return next(path for path in letters if f"letter:{draft['id']}" in path.read_text(encoding="utf-8"))


def _queue(desk: Desk, waiting: Sequence[Json]) -> None:
    count = desk.words.count(len(waiting), "proposal")
    desk.say("\n" + (desk.words("queue", count=count) if waiting else desk.words("queue.empty") + "\n"))
    if waiting:
        desk.show(waiting, cards.proposals, as_json=False)
