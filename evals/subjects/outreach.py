"""The letter of a pair as a reviewer sees it, after the remark of the case if it has one."""

from __future__ import annotations

from sqlmodel import select

from memory import drafts
from memory.db import TenantSession
from memory.models import DecisionType, Evidence

from ..reviewer import Step, follow
from ..scenes import run_pair
from ..scorers.outreach import OutreachCase, Written
from ..world import World


async def write(case: OutreachCase, world: World) -> Written:
    async with world.artel(threshold=0.0, lang=case.lang, style=case.style) as artel:
        run = await run_pair(artel, case.scene)
        if case.remark:
            await follow(artel, run, [Step(type=DecisionType.RESPOND, message=case.remark)])
        return await artel.memory.read(_written, run.thread_id)


def _written(session: TenantSession, thread: str) -> Written:
    draft = drafts.latest(session, thread)
    assert draft is not None, "no letter was written"
    return Written(draft.subject, draft.body, draft.claims, frozenset(session.exec(select(Evidence.id))))
