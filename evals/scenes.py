"""A pair of companies with its news, as imports and feeds would have left it, and its run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import select

from graphs.runtime.runs import Request
from graphs.runtime.services import Services
from memory import news, signals
from memory.csv_import import CompanyRow
from memory.db import TenantSession
from memory.ids import derived
from memory.imports import import_rows
from memory.models import Article, Company, Run, SignalType, Trigger
from memory.news import NewArticle
from memory.signals import Happening

FEED = "feed"


class Told(BaseModel, frozen=True, extra="forbid"):
    """An event that an article tells in `quote`. object: a company of the scene, or any other words."""

    type: SignalType
    subject: str
    object: str | None = None
    quote: str = Field(min_length=1)
    url: str
    day: date | None = None


class Scene(BaseModel, frozen=True, extra="forbid"):
    """The first two companies are the pair; the others are merely known."""

    companies: list[CompanyRow] = Field(min_length=2)
    news: list[Told] = []


@dataclass(frozen=True)
class Pair:
    """Ids of the two companies in their order, and of the signals about them."""

    companies: tuple[str, str]
    signals: list[str]

    def input(self) -> dict[str, Any]:
        """What the scout hands to the graph of a pair."""
        a, b = sorted(self.companies)
        return {"company_a_id": a, "company_b_id": b, "signal_ids": self.signals}


def lay(session: TenantSession, scene: Scene, now: datetime) -> Pair:
    """Put the scene on record. Errors: ValueError for a company that cannot be imported."""
    report = import_rows(session, scene.companies, source="csv:eval", now=now)
    if report.problems:
        raise ValueError("; ".join(report.problems))
    news.add_feed(session, id=f"{FEED}-{session.info['tenant']}", url="https://feed.invalid/rss", now=now)
    ids = {row.name: row.id for row in session.exec(select(Company))}
    told = [_tell(session, it, ids, now) for it in scene.news]
    a, b = (ids[row.name] for row in scene.companies[:2])
    return Pair((a, b), told)


def _tell(session: TenantSession, told: Told, ids: Mapping[str, str], now: datetime) -> str:
    row = NewArticle(derived("eval", told.url, told.quote), told.url, "Новость", told.quote, None, None)
    news.save_items(session, f"{FEED}-{session.info['tenant']}", [row], now)
    article = session.exec(select(Article).where(Article.fingerprint == row.fingerprint)).one()
    news.mark_extracted(session, [article.id], now)
    happened = Happening(
        type=told.type,
        company_id=ids[told.subject],
        object_name=told.object,
        object_company_id=ids.get(told.object or ""),
        amount_rub=None,
        happened_on=told.day,
        quote=told.quote,
    )
    return signals.record_signal(session, article, happened, now)


async def run_pair(artel: Services, scene: Scene, **given: Any) -> Run:
    """The run of the pair's graph, ended or waiting for a person. given: more of its first state."""
    run = await begin_pair(artel, scene, **given)
    return await artel.runs.wait(run.id)


async def begin_pair(artel: Services, scene: Scene, **given: Any) -> Run:
    """The run of the pair's graph; the same one when it was begun before."""
    pair = await artel.memory.write(lay, scene, artel.clock())
    await artel.context.vectors.refresh()
    thread = derived("eval", artel.memory.tenant, *pair.companies)
    first = {"thread_id": thread, **pair.input(), **given}
    request = Request("partnership", first, Trigger.API, "eval", key=thread, thread_id=thread)
    return (await artel.runs.start(request))[0]


async def state_of(artel: Services, run: Run) -> dict[str, Any]:
    """What the thread of the run knows."""
    config: Any = {"configurable": {"thread_id": run.thread_id}}
    return dict((await artel.engine.graphs[run.graph].aget_state(config)).values)
