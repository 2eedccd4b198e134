"""The composition root: settings in, a running Artel out. Everything else gets what it needs from here."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from langchain_core.utils.uuid import uuid7

from agents.context import Context, Policy, Sender
from memory.checkpoints import open_saver
from memory.db import Database, Memory
from memory.embeddings import (
    CachedEmbeddings,
    Embeddings,
    EmbeddingsMissing,
    SentenceTransformerEmbeddings,
    UniversalSentenceEmbeddings,
)
from memory.ids import derived
from memory.models import Schedule, Trigger
from memory.pipeline import LocalPipeline
from memory.schema import DatabaseUnavailable, SchemaTooNew, upgrade
from memory.vectors import Vectors
from prompts import OFFLINE_TEMPLATES
from tools.feeds import FeedReader
from tools.http import Fetcher
from tools.llm.offline import Offline
from tools.mail import Outbox
from tools.registries import ChecksumRegistry, CsvRegistry, Registry, RegistryError

from ..registry import GRAPHS, Build
from .engine import Engine, Graph
from .errors import StartError
from .events import Events
from .lock import FolderLock
from .reviews import ReviewService
from .runs import Request, RunService
from .scheduler import Scheduler
from .settings import Settings
from .token import token_of


@dataclass(frozen=True)
class Services:
    """What delivery (API, command line, page) may call."""

    settings: Settings
    memory: Memory
    events: Events
    runs: RunService
    reviews: ReviewService
    scheduler: Scheduler
    context: Context
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    lock: FolderLock
    token: str


@dataclass
class _Starter:
    """How a node starts runs of another graph. The service comes after the context that holds this."""

    runs: RunService | None = None

    async def start(
        self, graph: str, input: dict[str, Any], *, key: str, thread_id: str, parent_id: str
    ) -> bool:
        assert self.runs is not None
        request = Request(graph, input, Trigger.RUN, "agent:scout", key, thread_id, parent_id)
        _, new = await self.runs.start(request)
        return new


@asynccontextmanager
async def open_services(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    new_id: Callable[[], str] = lambda: str(uuid7()),
    graphs: Mapping[str, Build] = GRAPHS,
    schedules: bool = False,
) -> AsyncIterator[Services]:
    """Everything started in order and stopped in reverse; with `schedules` it also fires them.

    Errors: StartError (FolderInUse among them) before anything is changed.
    """
    lock = FolderLock(settings.data_dir).take()
    try:
        prepare(settings)
        async with _running(settings, clock, new_id, graphs, lock) as services:
            await services.scheduler.ensure(_first_schedule(settings, clock()))
            if schedules:
                await services.scheduler.start()
            yield services
            services.scheduler.stop()
    finally:
        lock.release()


def prepare(settings: Settings) -> None:
    """Bring the database up to this code's schema. Errors: StartError with what to do."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        upgrade(settings.url)
    except (SchemaTooNew, DatabaseUnavailable) as error:
        raise StartError(str(error)) from error
    except OSError as error:
        raise StartError(f"the data folder {settings.data_dir} cannot be used: {error.strerror}") from error


@asynccontextmanager
async def _running(
    settings: Settings,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    graphs: Mapping[str, Build],
    lock: FolderLock,
) -> AsyncIterator[Services]:
    database = Database(settings.url)
    fetcher = _fetcher(settings)
    starter = _Starter()
    context = _context(settings, Memory(database), fetcher, starter, clock, new_id)
    try:
        async with open_saver(settings.url) as saver:
            compiled = {name: build().compile(checkpointer=saver) for name, build in graphs.items()}
            engine = _engine(settings, context, compiled)
            starter.runs = RunService(engine)
            await engine.launch()
            try:
                yield _services(settings, engine, starter.runs, lock)
            finally:
                await engine.close()
    finally:
        await fetcher.aclose()
        database.close()


def _engine(settings: Settings, context: Context, graphs: Mapping[str, Graph]) -> Engine:
    return Engine(
        memory=context.memory,
        graphs=graphs,
        context=context,
        events=Events(),
        clock=context.clock,
        new_id=context.new_id,
        executor_id=str(uuid.uuid4()),
        concurrency=settings.concurrency,
        max_attempts=settings.max_attempts,
    )


def _services(settings: Settings, engine: Engine, runs: RunService, lock: FolderLock) -> Services:
    return Services(
        settings=settings,
        memory=engine.memory,
        events=engine.events,
        runs=runs,
        reviews=ReviewService(engine),
        scheduler=Scheduler(runs, engine.clock),
        context=engine.context,
        clock=engine.clock,
        new_id=engine.new_id,
        lock=lock,
        token=token_of(settings),
    )


def _context(
    settings: Settings,
    memory: Memory,
    fetcher: Fetcher,
    starter: _Starter,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
) -> Context:
    return Context(
        memory=memory,
        vectors=Vectors(memory, CachedEmbeddings(_embeddings(settings.embeddings), memory)),
        feeds=FeedReader(fetcher),
        registry=_registry(settings.registry_csv),
        llm=Offline(OFFLINE_TEMPLATES),
        mail=Outbox(settings.data_dir / "outbox", clock),
        crm=LocalPipeline(memory, clock),
        starter=starter,
        policy=_policy(settings),
        clock=clock,
        new_id=new_id,
    )


def _fetcher(settings: Settings) -> Fetcher:
    hosts = frozenset(host.strip() for host in settings.feed_allow_hosts.split(",") if host.strip())
    return Fetcher(timeout_s=settings.feed_timeout_s, max_bytes=settings.feed_max_bytes, allow_hosts=hosts)


def _embeddings(model: str) -> Embeddings:
    try:
        return SentenceTransformerEmbeddings(model) if model else UniversalSentenceEmbeddings()
    except EmbeddingsMissing as error:
        raise StartError(str(error)) from error


def _registry(path: Path | None) -> Registry:
    try:
        return CsvRegistry(path) if path else ChecksumRegistry()
    except RegistryError as error:
        raise StartError(f"ARTEL_REGISTRY_CSV: {error}") from error


def _policy(settings: Settings) -> Policy:
    return Policy(
        threshold=settings.threshold,
        shortlist=settings.shortlist,
        lang=settings.lang,
        style=settings.style,
        sender=Sender(settings.sender_name, settings.sender_company, settings.sender_email),
    )


def _first_schedule(settings: Settings, now: datetime) -> Schedule:
    return Schedule(
        id=derived("schedule", "scout"),
        name="scout",
        graph="scout",
        cron=settings.schedule,
        timezone=settings.timezone,
        created_at=now,
    )
