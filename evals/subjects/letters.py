"""The letter of a pair by the node that writes it, with whatever model the settings give it."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agents.context import Style
from agents.outreach.nodes import outreach
from agents.outreach.state import OutreachState
from memory.db import TenantSession
from memory.partnerships import Scored, upsert_scored

from ..nodes import Nodes
from ..scenes import Pair, Scene, lay
from ..scorers.letters import Held, LetterCase
from ..world import World


async def write(case: LetterCase, world: World) -> Held:
    async with world.nodes(lang=case.lang) as nodes:
        return await written(nodes, case.id, case.scene, case.style)


async def written(nodes: Nodes, thread: str, scene: Scene, style: Style = "formal") -> Held:
    pair = await nodes.memory.write(lay, scene, nodes.clock())
    state = await nodes.memory.write(_proposed, pair, thread, style, nodes)
    command = await outreach(state, Runtime(context=nodes.context))
    update = dict(command.update or {})
    return Held(update["subject"], update["body"], update["note"])


def _proposed(session: TenantSession, pair: Pair, thread: str, style: Style, nodes: Nodes) -> OutreachState:
    """The pair on record as one that is worth a letter."""
    a, b = sorted(pair.companies)
    scored = Scored(a, b, 0.8, 0.8, [], [], [], "evaluation")
    row = upsert_scored(session, scored, nodes.clock())
    return {
        "thread_id": thread,
        "company_a_id": a,
        "company_b_id": b,
        "signal_ids": pair.signals,
        "partnership_id": row.id,
        "style": style,
    }
