"""The work of a case by a process that dies at its point and another that carries on; and undisturbed."""

from __future__ import annotations

import json
from typing import Any

from sqlmodel import select

from graphs.runtime.services import Services
from memory.db import TenantSession
from memory.models import Deal, Draft, Effect, Partnership, Run, Signal

from ..mortal import SETTINGS, dies, work
from ..scorers.durability import DurabilityCase, Survived
from ..scorers.durability import World as Left
from ..world import World

# Of these rows all that does not tell when, or by which of the processes.
_TOLD: dict[type[Any], set[str]] = {
    Run: {"graph", "status", "error"},
    Partnership: {"id", "status", "score", "probability", "factors", "reasons"},
    Signal: {"id", "type", "object_name", "amount_rub"},
    Draft: {"id", "version", "subject", "body", "to_email", "claims"},
    Deal: {"key", "title", "stage", "note", "version"},
}


async def survive(case: DurabilityCase, world: World) -> Survived:
    same = repr((case.graph, case.scene, case.articles, case.plan, case.theirs))
    apart = World(world.folder / "undisturbed", world.shared)
    undisturbed = await world.once(same, lambda: _left(case, apart))
    killed = await dies(case, world)
    return Survived(killed, undisturbed, await _left(case, world))


async def _left(case: DurabilityCase, world: World) -> Left:
    async with world.artel(**SETTINGS) as artel:
        await work(artel, case)
        state, effects = await artel.memory.read(_rows)
        threads = [await _thread(artel, run) for run in await artel.memory.read(_runs)]
        return Left([*state, *threads], effects, len(list((world.folder / "outbox").glob("*.eml"))))


async def _thread(artel: Services, run: Run) -> str:
    config: Any = {"configurable": {"thread_id": run.thread_id}}
    state = dict((await artel.engine.graphs[run.graph].aget_state(config)).values)
    return json.dumps({**state, "run_id": None, "thread_id": None}, sort_keys=True, ensure_ascii=False)


def _runs(session: TenantSession) -> list[Run]:
    """One of each thread."""
    return list({run.thread_id: run for run in session.exec(select(Run))}.values())


def _rows(session: TenantSession) -> tuple[list[str], list[str]]:
    state = [_line(row, told) for kind, told in _TOLD.items() for row in session.exec(select(kind))]
    return state, [f"{it.key} {it.status}" for it in session.exec(select(Effect))]


def _line(row: Any, told: set[str]) -> str:
    said = json.dumps(row.model_dump(mode="json", include=told), sort_keys=True, ensure_ascii=False)
    return f"{type(row).__name__} {said}"
