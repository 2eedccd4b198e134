"""Artel's main job in a process that kills itself, and a second worker that stands by.

A point is one of evals.dying, or `decided` (the decision is on disk, nothing is resumed yet). The job can be
repeated: whatever was done stays done.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from sqlmodel import select

from evals.dying import arm, die, rest
from graphs.runtime.reviews import Verdict
from graphs.runtime.runs import Request
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory import news, reviews
from memory.csv_import import read_companies_csv
from memory.db import TenantSession
from memory.imports import import_rows
from memory.models import (
    Deal,
    Decision,
    DecisionType,
    Draft,
    Effect,
    Partnership,
    Run,
    RunStatus,
    Signal,
    Trigger,
)
from memory.reviews import Filter
from tests.fakes.forks import forked, ready

DATA = Path(__file__).parents[2] / "evals" / "datasets"


def settings(url: str, folder: Path, **more: Any) -> Settings:
    return Settings(database_url=url, data_dir=folder, shortlist=4, threshold=0.3, **more)


@asynccontextmanager
async def doomed(url: str, folder: Path, point: str) -> AsyncIterator[ForkServerProcess]:
    """A process that does the main job until it dies at `point`. What it starts, it runs itself."""
    async with forked(_doom, url, folder, point) as process:
        yield process


@asynccontextmanager
async def standing_by(url: str, folder: Path) -> AsyncIterator[ForkServerProcess]:
    """A worker that is ready for what others leave."""
    async with ready(_stand_by, url, folder) as process:
        yield process


def _doom(url: str, folder: Path, point: str) -> None:
    arm(point)

    async def work() -> None:
        async with open_services(settings(url, folder)) as services:
            await main_job(services, point)

    asyncio.run(work())


def _stand_by(url: str, folder: Path, stands: Event) -> None:
    async def work() -> None:
        async with open_services(settings(url, folder)):
            stands.set()
            await asyncio.Event().wait()

    asyncio.run(work())


async def prepare(url: str, folder: Path) -> None:
    """The companies, their vectors and a feed: what the main job finds."""
    async with open_services(settings(url, folder, concurrency=0)) as services:
        await services.memory.write(seed, services)
        await services.context.vectors.refresh()


async def main_job(services: Services, point: str = "") -> dict[str, Any]:
    """Everything up to a letter that is out; the world after it."""
    request = Request("scout", {}, Trigger.PERSON, "person:test", key="test")
    scout, _ = await services.runs.start(request)
    await services.runs.wait(scout.id)
    await rest(services)
    await approve_best(services, point)
    await rest(services)
    return await services.memory.read(world, services)


def seed(session: TenantSession, services: Services) -> None:
    rows = read_companies_csv((DATA / "companies" / "vendors.csv").read_bytes())
    import_rows(session, rows, source="csv:vendors.csv", now=services.clock())
    feed = small_feed(services.settings.data_dir / "feed.xml")
    news.add_feed(session, id=services.new_id(), url=f"file://{feed}", now=services.clock())


def small_feed(path: Path) -> Path:
    """The three items of the real feed that name integrations and a purchase: enough to go all the way."""
    whole = (DATA / "news" / "feed.rss.xml").read_text()
    head = whole[: whole.index("<item>")]
    items = re.findall(r"<item>.*?</item>", whole, flags=re.DOTALL)
    wanted = [item for item in items if re.search(r">(n002|n075|n077)<", item)]
    path.write_text(head + "".join(wanted) + "</channel></rss>")
    return path


async def approve_best(services: Services, point: str) -> None:
    if await services.memory.read(lambda session: session.exec(select(Decision)).first()):
        return
    waiting = await services.memory.read(reviews.page, Filter(), "score", 100)
    # Equal scores are told apart by what the letter is about, for ids differ from process to process.
    best = max(waiting, key=lambda review: (review.score, review.title))
    if point == "decided":
        services.reviews._worker.submit = lambda run: die()  # type: ignore[method-assign]
    verdict = Verdict(DecisionType.APPROVE, "person:test", version=best.draft_version)
    _, run = await services.reviews.decide(best.id, verdict)
    await services.runs.wait(run.id)


def world(session: TenantSession, services: Services) -> dict[str, Any]:
    """What an outsider could tell apart: rows without ids and times, and the letters that went out."""
    outbox = [*(services.settings.data_dir / "outbox").glob("*.eml")]
    drafts = session.exec(select(Draft)).all()
    return {
        "signals": sorted((row.type, row.object_name or "") for row in session.exec(select(Signal))),
        "pairs": sorted((row.score or 0, row.status) for row in session.exec(select(Partnership))),
        "drafts": sorted((row.version, row.subject, row.body) for row in drafts),
        "runs": sorted(
            (row.graph, row.status) for row in session.exec(select(Run)) if row.status != RunStatus.WAITING
        ),
        "waiting": reviews.count(session, Filter()),
        "effects": sorted((row.kind, row.status) for row in session.exec(select(Effect))),
        "deals": sorted((row.title, row.stage) for row in session.exec(select(Deal))),
        # Their names hold the draft's id, which the dead process may have made anew.
        "letters": len(outbox),
    }
