"""A pair goes through production with a reviewer who follows the plan of the case."""

from __future__ import annotations

from typing import Any

from sqlmodel import select

from graphs.runtime.services import Services
from memory import effects
from memory.db import TenantSession
from memory.models import Deal, Draft, Partnership, Run

from ..reviewer import follow
from ..scenes import run_pair, state_of
from ..scorers.review import ReviewCase, Reviewed
from ..trajectories import turns
from ..world import World


async def review(case: ReviewCase, world: World) -> Reviewed:
    async with world.artel(threshold=0.0) as artel:
        run = await run_pair(artel, case.scene)
        if case.theirs is not None:
            pair = (await state_of(artel, run))["partnership_id"]
            await artel.context.crm.put(pair, case.theirs, expected_version=None)
        told = await follow(artel, run, case.plan)
        way = await turns(artel, run.graph, run.thread_id)
        return Reviewed(way, await _ends(artel, told.run), told.surprises, len(told.refused))


async def _ends(artel: Services, run: Run) -> dict[str, Any]:
    state = await state_of(artel, run)
    return {"status": run.status, "thread": state, **await artel.memory.read(_world, run.thread_id)}


def _world(session: TenantSession, thread: str) -> dict[str, Any]:
    done = effects.effects_of(session, thread)
    drafts = list(session.exec(select(Draft).where(Draft.thread_id == thread)))
    deal = session.exec(select(Deal)).first()
    return {
        "effects": sorted(f"{it.kind} {it.status}" for it in done),
        "letters": [it.payload["version"] for it in done if it.kind == "letter"],
        "drafts": len(drafts),
        "partnership": session.exec(select(Partnership)).one().status,
        "deal": deal.model_dump(include={"stage", "title", "value_rub", "version"}) if deal else {},
    }
