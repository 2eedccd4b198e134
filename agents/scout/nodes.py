"""The scout's nodes: feeds into articles, articles into companies and signals, pairs into partnership runs.

Each can be repeated after a crash: ids are derived, and what is there already stays.
"""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from agents.context import Context
from memory import companies, news, provenance, signals
from memory.db import TenantSession
from memory.ids import derived, digest
from memory.models import Company, Feed
from memory.news import NewArticle
from tools.feeds import FeedError, FeedItem
from tools.registries import RegistryRecord, valid_inn

from . import asked, reading, recording
from .state import ScoutState
from .union import united

BATCH = 25
AT_ONCE = 8
# A run takes so many articles; the rest waits for the next one.
MOST = 1000


async def fetch(state: ScoutState, runtime: Runtime[Context]) -> Command[Literal["extract"]]:
    """Read the feeds. One that fails says so in a line and is left as it was; the others go on."""
    ctx = runtime.context
    feeds, problems = await ctx.memory.read(_feeds, state.get("feed_ids"))
    slots = asyncio.Semaphore(AT_ONCE)

    async def read(feed: Feed) -> list[str]:
        async with slots:
            return await _read_feed(ctx, feed)

    told = await asyncio.gather(*(read(feed) for feed in feeds))
    # Not only what came now: after a crash a feed says "not modified", and its articles still wait.
    articles = await ctx.memory.read(_waiting, [feed.id for feed in feeds])
    update = {"articles": articles, "companies": [], "extracted": [], "problems": [*problems, *chain(*told)]}
    return Command(goto="extract", update=update)


async def extract(state: ScoutState, runtime: Runtime[Context]) -> Command[Literal["resolve", "validate"]]:
    """Read the next articles of this run that nobody has read: by rules, and by a model if one may."""
    ctx = runtime.context
    batch = await ctx.memory.read(news.unextracted, state.get("articles", []), BATCH)
    if not batch:
        return Command(goto="validate", update={"extracted": []})
    known = await ctx.memory.read(companies.known)
    read, told = await asyncio.gather(
        asyncio.to_thread(reading.read, batch, known),
        asked.ask(ctx.llm, batch, state.get("thread_id")),
    )
    if told.by_article:
        read = await asyncio.to_thread(united, batch, read, told.by_article, known)
    problems = [*state.get("problems", []), *told.problems]
    return Command(goto="resolve", update={"extracted": read, "problems": problems})


async def resolve(state: ScoutState, runtime: Runtime[Context]) -> Command[Literal["extract"]]:
    """Write down which companies the batch names and what happened to them."""
    ctx, batch = runtime.context, state.get("extracted", [])
    named, problems = await ctx.memory.write(recording.record, batch, ctx.clock())
    update = {
        "extracted": [],
        "companies": [*dict.fromkeys([*state.get("companies", []), *named])],
        "problems": [*state.get("problems", []), *problems],
    }
    return Command(goto="extract", update=update)


async def validate(state: ScoutState, runtime: Runtime[Context]) -> Command[Literal["shortlist"]]:
    """Look up in the registry whoever has an INN and is not verified yet."""
    ctx, problems = runtime.context, list(state.get("problems", []))
    for company in await ctx.memory.read(_unverified, state.get("companies", [])):
        if not valid_inn(company.inn or ""):
            problems.append(f"{company.name}: INN {company.inn} has a wrong checksum, not looked up")
        elif (found := await ctx.registry.find(company.inn or "")) is not None:
            await ctx.memory.write(_verify, company.id, found, ctx)
    return Command(goto="shortlist", update={"problems": problems})


async def start(state: ScoutState, runtime: Runtime[Context]) -> Command[Literal["__end__"]]:
    """Start a partnership run for each pair, unless this evidence has had one."""
    ctx, started = runtime.context, 0
    pairs = [sorted(pair) for pair in state.get("pairs", [])]
    for a, b in pairs:
        signal_ids, evidence = await ctx.memory.read(_evidence, a, b, state.get("articles", []))
        mark = digest(*evidence)
        thread = derived("partnership", a, b, mark)
        pair = {"thread_id": thread, "company_a_id": a, "company_b_id": b, "signal_ids": signal_ids}
        key = f"partnership:{a}:{b}:{mark}"
        started += await ctx.starter.start(
            "partnership", pair, key=key, thread_id=thread, parent_id=state["run_id"]
        )
    return Command(goto="__end__", update={"started": started, "skipped": len(pairs) - started})


def _feeds(session: TenantSession, ids: list[str] | None) -> tuple[list[Feed], list[str]]:
    active = {feed.id: feed for feed in news.list_feeds(session, active_only=True)}
    if ids is None:
        return list(active.values()), []
    unknown = [f"feed {id}: there is no such active feed" for id in ids if id not in active]
    return [active[id] for id in dict.fromkeys(ids) if id in active], unknown


def _waiting(session: TenantSession, feed_ids: list[str]) -> list[str]:
    wanted = set(feed_ids)
    return [row.id for row in news.unextracted(session, None, MOST) if row.feed_id in wanted]


async def _read_feed(ctx: Context, feed: Feed) -> list[str]:
    """Save what is new in the feed; a line for each problem."""
    try:
        read = await ctx.feeds.read(feed.url, etag=feed.etag, last_modified=feed.last_modified)
    except FeedError as error:
        await ctx.memory.write(_remember, feed, (), None, str(error), ctx)
        return [str(error)]
    validators = (read.etag, read.last_modified, read.title)
    await ctx.memory.write(_remember, feed, read.items, validators, None, ctx)
    return list(read.problems)


def _remember(
    session: TenantSession,
    feed: Feed,
    items: tuple[FeedItem, ...],
    validators: tuple[str | None, str | None, str | None] | None,
    error: str | None,
    ctx: Context,
) -> None:
    """Articles and validators in one transaction: a feed is not "read" before its articles are safe."""
    now = ctx.clock()
    articles = [
        NewArticle(item.fingerprint, item.url, item.title, item.text, item.lang, item.published_at)
        for item in items
    ]
    news.save_items(session, feed.id, articles, now)
    etag, last_modified, title = validators or (None, None, None)
    news.remember_fetch(
        session, feed.id, etag=etag, last_modified=last_modified, title=title, error=error, now=now
    )


def _unverified(session: TenantSession, ids: list[str]) -> list[Company]:
    return [company for company in companies.by_ids(session, ids) if company.inn and not company.verified]


def _verify(session: TenantSession, company_id: str, found: RegistryRecord, ctx: Context) -> None:
    company = companies.get(session, company_id)
    if company is None:
        return
    fields = {
        "ogrn": found.ogrn,
        "kpp": found.kpp,
        "legal_name": found.legal_name,
        "address": found.address,
        "verified": True,
        "active": False if found.status == "liquidated" else None,
    }
    provenance.apply_fields(session, company, fields, source=f"registry:{found.source}", now=ctx.clock())


def _evidence(session: TenantSession, a: str, b: str, article_ids: list[str]) -> tuple[list[str], list[str]]:
    """Ids of the signals about either company in these articles; those, and where either is named, sorted."""
    told = sorted(signal.id for signal in signals.signals_of(session, [a, b], article_ids=article_ids))
    named = signals.mentions_of(session, [a, b], article_ids)
    return told, sorted([*told, *named])
