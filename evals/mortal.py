"""A process that does the work of a case until it kills itself, and the same work carried on by another.

The processes are forked from one that has done such work (`warm`), so each costs next to nothing to start.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import shutil
import signal
from typing import Any

from sqlmodel import col, func, select

from graphs.runtime.runs import Request
from graphs.runtime.services import Services
from memory.db import TenantSession
from memory.models import Decision, Run, Trigger

from .articles import follow_feed
from .dying import arm, die, rest
from .reviewer import follow
from .scenes import begin_pair, lay, state_of
from .scorers.durability import DurabilityCase
from .world import Shared, World

PATIENCE_S = 120
SETTINGS: dict[str, Any] = {"threshold": 0.0, "shortlist": 1}
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["evals.warm"])


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
    arm(case.point)

    async def live() -> None:
        async with world.artel(**SETTINGS) as artel:
            if case.point == "decided":
                artel.reviews._worker.submit = lambda run: die()  # type: ignore[method-assign]
            await work(artel, case)

    asyncio.run(live())


async def work(artel: Services, case: DurabilityCase) -> None:
    """The work of the case, from wherever it stands to its end."""
    if case.graph == "scout":
        await artel.memory.write(lay, case.scene, artel.clock())
        await artel.context.vectors.refresh()
        given = {"feed_ids": [await follow_feed(artel, case.articles)]}
        await artel.runs.start(Request("scout", given, Trigger.API, "eval", key="eval"))
        return await rest(artel)
    run = await begin_pair(artel, case.scene)
    await rest(artel)
    decided = await artel.memory.read(_decided)
    if case.theirs is not None and decided == 0:
        await _edited(artel, run, case.theirs)
    await follow(artel, await artel.memory.read(_latest), case.plan[decided:])
    await rest(artel)


async def _edited(artel: Services, run: Run, theirs: dict[str, Any]) -> None:
    """What a person put into the CRM, unless it is there already."""
    pair = (await state_of(artel, run))["partnership_id"]
    if await artel.context.crm.find(pair) is None:
        await artel.context.crm.put(pair, theirs, expected_version=None)


def _decided(session: TenantSession) -> int:
    return session.exec(select(func.count()).select_from(Decision)).one()


def _latest(session: TenantSession) -> Run:
    newest = select(Run).where(Run.graph == "partnership").order_by(col(Run.created_at).desc())
    return session.exec(newest.limit(1)).one()
