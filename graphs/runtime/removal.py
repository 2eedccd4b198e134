"""A run that is to be seen no more."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from memory import runs
from memory.db import TenantSession
from memory.models import Run, RunEvent, Thread
from memory.rows import change

from .engine import Engine
from .errors import Conflict, NotFound
from .thread_states import note


async def remove(engine: Engine, run_id: str, actor: str) -> None:
    """Delete the run and its frames; what it did to its thread stays.

    Errors: NotFound; Conflict for one that has not ended, or that a review, a letter or another run names.
    """
    try:
        await engine.memory.write(_remove, engine, run_id, actor)
    except IntegrityError as error:
        raise Conflict(f"run {run_id!r} stays: what was decided or sent because of it names it") from error


def _remove(session: TenantSession, engine: Engine, run_id: str, actor: str) -> None:
    run = runs.get(session, run_id)
    if run is None:
        raise NotFound.of("run", run_id)
    if run.status in runs.OPEN:
        raise Conflict(f"run {run_id!r} is {run.status}: cancel it first")
    session.execute(delete(RunEvent).where(col(RunEvent.run_id) == run_id))
    session.execute(delete(Run).where(col(Run.id) == run_id))
    # Its result was the thread's values.
    change(session, Thread, {"last_run_id": run_id}, {"last_run_id": None, "values": run.result})
    note(engine, session, actor, "run.delete", run_id, {"graph": run.graph, "thread_id": run.thread_id})
