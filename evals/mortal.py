"""A process that does the work of a case until it kills itself, and the same work carried on by another.

The processes are forked from one that has imported this module, so each costs next to nothing to start.
"""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from sqlmodel import col, func, select

import graphs.partnership
import graphs.scout
from graphs.runtime.runs import Request
from graphs.runtime.services import Services
from memory import runs
from memory.db import TenantSession
from memory.models import Decision, Run, Trigger
from memory.pipeline import LocalPipeline
from tools.mail import Outbox

from .articles import follow_feed
from .reviewer import follow
from .scenes import begin_pair, lay, state_of
from .scorers.durability import DurabilityCase
from .world import Shared, World

PATIENCE_S = 120
SETTINGS: dict[str, Any] = {"threshold": 0.0, "shortlist": 1}
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["evals.mortal"])


async def dies(case: DurabilityCase, world: World) -> bool:
    """Whether a process that does the work of the case died at its point."""
    world.folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(await world.shared.database(), world.folder / "artel.db")
    alike = World(world.folder, Shared(world.shared.folder, world.shared.settings))
    process = _forks.Process(target=_doomed, args=(case, alike))
    process.start()
    await asyncio.to_thread(process.join, PATIENCE_S)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode == -signal.SIGKILL


def _doomed(case: DurabilityCase, world: World) -> None:
    _arm(case.point)

    async def live() -> None:
        async with world.artel(**SETTINGS) as artel:
            if case.point == "decided":
                artel.reviews._worker.submit = lambda run: _die()  # type: ignore[method-assign]
            await work(artel, case)

    asyncio.run(live())


def _arm(point: str) -> None:
    when, _, node = point.partition(":")
    for module in (graphs.scout, graphs.partnership):
        if node and hasattr(module, node):
            setattr(module, node, _deadly(getattr(module, node), before=when == "before"))
    if point == "mail":
        Outbox.send = _deadly(Outbox.send)  # type: ignore[method-assign, assignment]
    if point == "crm":
        LocalPipeline.put = _deadly(LocalPipeline.put)  # type: ignore[method-assign, assignment]


def _deadly(node: Callable[..., Awaitable[Any]], *, before: bool = False) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(node)
    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        if before:
            _die()
        result = await node(*args, **kwargs)
        _die()
        return result

    return wrapped


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def work(artel: Services, case: DurabilityCase) -> None:
    """The work of the case, from wherever it stands to its end."""
    if case.graph == "scout":
        await artel.memory.write(lay, case.scene, artel.clock())
        await artel.context.vectors.refresh()
        given = {"feed_ids": [await follow_feed(artel, case.articles)]}
        await artel.runs.start(Request("scout", given, Trigger.API, "eval", key="eval"))
        return await _rest(artel)
    run = await begin_pair(artel, case.scene)
    await _rest(artel)
    decided = await artel.memory.read(_decided)
    if case.theirs is not None and decided == 0:
        await _edited(artel, run, case.theirs)
    await follow(artel, await artel.memory.read(_latest), case.plan[decided:])
    await _rest(artel)


async def _edited(artel: Services, run: Run, theirs: dict[str, Any]) -> None:
    """What a person put into the CRM, unless it is there already."""
    pair = (await state_of(artel, run))["partnership_id"]
    if await artel.context.crm.find(pair) is None:
        await artel.context.crm.put(pair, theirs, expected_version=None)


async def _rest(artel: Services) -> None:
    """Until no run is queued or running."""
    while unfinished := await artel.memory.read(runs.active):
        for run in unfinished:
            await artel.runs.wait(run.id)


def _decided(session: TenantSession) -> int:
    return session.exec(select(func.count()).select_from(Decision)).one()


def _latest(session: TenantSession) -> Run:
    newest = select(Run).where(Run.graph == "partnership").order_by(col(Run.created_at).desc())
    return session.exec(newest.limit(1)).one()
