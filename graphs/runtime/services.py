"""The composition root: settings in, a running Artel out. Everything else gets what it needs from here."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from langgraph.store.base import BaseStore

from agents.context import Context
from memory import people
from memory.checkpoints import Saver, open_saver, setup
from memory.db import Database, Memory
from memory.ids import derived
from memory.models import DEFAULT_TENANT, Schedule, Trigger
from memory.runs import Caps
from memory.schema import DatabaseUnavailable, SchemaTooNew, upgrade
from memory.store import open_store
from tools.webhooks import Webhooks

from ..registry import GRAPHS, PROVIDERS, Build
from .assistants import AssistantService
from .bulk import Bulk
from .contexts import context_for, context_of, fetcher_of
from .deadlines import Deadlines
from .deliveries import Deliverer
from .desk import DeskService
from .engine import Engine, Graph, Limits
from .errors import StartError
from .events import Events
from .housekeeper import Housekeeper
from .late import Digest
from .llm import Llm, Llms, open_llms
from .people.entrance import Entrance, open_entrance
from .reviews import ReviewService
from .runs import Request, RunService
from .scheduler import Scheduler
from .settings import Settings, parts
from .tenants import Background, Tenants
from .threads import ThreadService
from .token import token_of, webhook_secret_of
from .undoing import Undo
from .worker import Worker
from .world import new_id, new_secret, wall_clock


@dataclass(frozen=True)
class Services:
    """What delivery (API, command line, page) may call, for one tenant. of: the same for another one."""

    settings: Settings
    memory: Memory
    events: Events
    runs: RunService
    reviews: ReviewService
    desk: DeskService
    undo: Undo
    bulk: Bulk
    scheduler: Scheduler
    threads: ThreadService
    assistants: AssistantService
    store: BaseStore
    webhooks: Webhooks
    llm: Llm
    housekeeper: Housekeeper
    context: Context
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    worker: Worker
    engine: Engine
    entrance: Entrance
    token: str
    of: Callable[[str], Services]


@dataclass
class _Starter:
    """How a node starts runs of another graph; in a context that no graph runs with, there is no service."""

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
    clock: Callable[[], datetime] = wall_clock,
    new_id: Callable[[], str] = new_id,
    graphs: Mapping[str, Build] = GRAPHS,
    schedules: bool = False,
) -> AsyncIterator[Services]:
    """Everything started in order and stopped in reverse; with `schedules` it also fires them.

    The services of the default tenant; `of` has the others'. Errors: StartError before anything is changed.
    """
    prepare(settings)
    async with _running(settings, clock, new_id, graphs) as tenants:
        services = tenants.of(DEFAULT_TENANT)
        await services.scheduler.ensure(_first_schedule(settings, clock()))
        for tenant in await services.memory.read(people.tenants):
            await tenants.of(tenant).assistants.ensure(graphs)
        async with tenants.working(schedules=schedules):
            yield services


def _background(services: Services, schedules: bool) -> Background:
    """What works for a tenant beside its runs: calls to webhooks, the housekeeping, and its schedules."""
    engine, webhooks = services.engine, services.webhooks
    deliverer = Deliverer(engine.memory, webhooks, engine.events, engine.clock, engine.rng)
    return Background(deliverer, services.housekeeper, services.scheduler if schedules else None)


def prepare(settings: Settings) -> None:
    """Bring the database up to this code's schema. Errors: StartError with what to do."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        upgrade(settings.url)
    except (SchemaTooNew, DatabaseUnavailable) as error:
        raise StartError(str(error)) from error
    except OSError as error:
        raise StartError(f"the data folder {settings.data_dir} cannot be used: {error.strerror}") from error


async def migrated(settings: Settings) -> None:
    """All three schemas: our tables, LangGraph's checkpoints and its store. Errors: StartError."""
    prepare(settings)
    await setup(settings.url)


@asynccontextmanager
async def _running(
    settings: Settings, clock: Callable[[], datetime], new_id: Callable[[], str], graphs: Mapping[str, Build]
) -> AsyncIterator[Tenants[Services]]:
    async with AsyncExitStack() as stack:
        database = Database(settings.url, pool_size=settings.pool_size)
        stack.callback(database.close)
        holding, memory = _Holding(), Memory(database)
        llms = await stack.enter_async_context(open_llms(settings, clock, new_id))
        fetcher = await stack.enter_async_context(aclosing(fetcher_of(settings)))
        webhooks = await stack.enter_async_context(aclosing(_webhooks(settings)))
        base = context_of(settings, memory, fetcher, llms.of(memory).prompted, _Starter(), clock, new_id)
        saver = await stack.enter_async_context(
            open_saver(settings.url, holds=holding, pool_size=settings.pool_size, turns=database.writing)
        )
        store = await stack.enter_async_context(open_store(settings.url))
        tenants: Tenants[Services] = Tenants(lambda tenant: _services(house, tenant), _background)
        engine = Engine(
            memory=memory,
            graphs={name: _compiled(build, saver, store, settings) for name, build in graphs.items()},
            context_of=lambda tenant: tenants.of(tenant).context,
            saver=saver,
            store=store,
            events=Events(),
            clock=clock,
            new_id=new_id,
            rng=random.Random(),  # noqa: S311 - jitter
            limits=_limits(settings),
        )
        worker = holding.worker = Worker(
            engine,
            new_member=lambda: str(uuid.uuid4()),
            # Whether a process lives is asked of the real time, whatever `clock` says.
            wall_clock=wall_clock,
            monotonic=time.monotonic,
        )
        entrance = _entrance(settings, engine)
        house = _House(settings, engine, worker, base, llms, webhooks, entrance, tenants)
        stack.push_async_callback(worker.close, settings.grace_s)
        await worker.start()
        yield tenants


def _entrance(settings: Settings, engine: Engine) -> Entrance:
    entrance = open_entrance(settings, engine.memory.database, engine.clock, engine.new_id, new_secret)
    engine.events.call(people.CHANGED.topic, entrance.forget)
    return entrance


@dataclass(frozen=True)
class _House:
    """What all tenants' services are made of."""

    settings: Settings
    engine: Engine
    worker: Worker
    base: Context
    llms: Llms
    webhooks: Webhooks
    entrance: Entrance
    tenants: Tenants[Services]


@dataclass
class _Holding:
    """Whether this process still holds its place. The worker comes after the saver that asks."""

    worker: Worker | None = None

    def __call__(self) -> bool:
        return self.worker is not None and self.worker.holds()


def _compiled(build: Build, saver: Saver, store: BaseStore, settings: Settings) -> Graph:
    graph = build().compile(checkpointer=saver, store=store)
    graph.step_timeout = settings.node_timeout_s or None
    return graph


def _limits(settings: Settings) -> Limits:
    return Limits(
        concurrency=settings.concurrency,
        queues=settings.queue_names,
        max_deaths=settings.max_attempts,
        max_retries=settings.max_retries,
        run_s=settings.run_timeout_s or None,
        lease_s=settings.lease_s,
        caps=Caps(settings.tenant_cap or None, settings.provider_cap_of),
    )


def _services(house: _House, tenant: str) -> Services:
    settings, memory = house.settings, Memory(house.engine.memory.database, tenant)
    engine, llm = replace(house.engine, memory=memory), house.llms.of(memory)
    runs, threads = RunService(engine, house.worker, PROVIDERS.get), ThreadService(engine)
    undo = Undo(engine)
    second = settings.second_review or None
    reviews = ReviewService(engine, house.worker, two_pairs=settings.two_pairs_of_eyes, second=second)
    limit = timedelta(hours=settings.deadline_h) or None
    addresses = settings.late_email_of
    told = addresses.get(tenant) or (addresses.get("") if tenant == DEFAULT_TENANT else None)
    digest = _digest(settings, house.base, told) if told else None
    prune_after = timedelta(hours=settings.prune_after_h) if settings.prune_after_h else None
    return Services(
        settings=settings,
        memory=memory,
        events=engine.events,
        runs=runs,
        reviews=reviews,
        desk=DeskService(engine, limit, second),
        undo=undo,
        bulk=Bulk(memory, reviews, undo),
        scheduler=Scheduler(runs, engine.events, engine.clock),
        threads=threads,
        assistants=AssistantService(engine),
        store=engine.store,
        webhooks=house.webhooks,
        llm=llm,
        housekeeper=Housekeeper(engine, threads, Deadlines(engine, limit, digest), prune_after),
        context=context_for(house.base, memory, llm.prompted, _Starter(runs)),
        clock=engine.clock,
        new_id=engine.new_id,
        worker=house.worker,
        engine=engine,
        entrance=house.entrance,
        token=token_of(settings),
        of=house.tenants.of,
    )


def _digest(settings: Settings, base: Context, to: str) -> Digest:
    origin = settings.public_url or f"http://{settings.host}:{settings.port}"
    late = f"{origin}/queue?status=late"
    return Digest(base.mail, base.policy.sender, to, late, settings.lang)


def _webhooks(settings: Settings) -> Webhooks:
    hosts = frozenset(parts(settings.webhook_allow_hosts))
    return Webhooks(webhook_secret_of(settings), hosts)


def _first_schedule(settings: Settings, now: datetime) -> Schedule:
    return Schedule(
        id=derived("schedule", "scout"),
        name="scout",
        graph="scout",
        cron=settings.schedule,
        timezone=settings.timezone,
        created_at=now,
    )
