"""The letter of a pair by the node that writes it, with whatever model the settings give it."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agents.outreach.nodes import outreach
from agents.outreach.state import OutreachState
from memory.db import TenantSession
from memory.partnerships import Scored, upsert_scored

from ..nodes import Nodes
from ..scenes import lay
from ..scorers.letters import Held, LetterCase
from ..world import World


async def write(case: LetterCase, world: World) -> Held:
    async with world.nodes(lang=case.lang) as nodes:
        state = await nodes.memory.write(_proposed, case, nodes)
        command = await outreach(state, Runtime(context=nodes.context))
        update = dict(command.update or {})  # type: ignore[arg-type]
        return Held(update["subject"], update["body"], update["note"])


def _proposed(session: TenantSession, case: LetterCase, nodes: Nodes) -> OutreachState:
    """The scene on record, as a pair that is worth a letter."""
    pair, now = lay(session, case.scene, nodes.clock()), nodes.clock()
    a, b = sorted(pair.companies)
    scored = Scored(a, b, 0.8, 0.8, [], [], [], "evaluation")
    row = upsert_scored(session, scored, now)
    return {
        "thread_id": case.id,
        "company_a_id": a,
        "company_b_id": b,
        "signal_ids": pair.signals,
        "partnership_id": row.id,
    }
