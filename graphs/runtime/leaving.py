"""What a run leaves behind, in the transaction that ends it: its thread, its webhook, a notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from memory import runs
from memory.db import TenantSession
from memory.deliveries import open_delivery
from memory.models import Delivery, Run, RunStatus, Thread, ThreadStatus
from memory.notices import Notice, tell
from memory.rows import change

from .encoding import storable
from .engine import Engine
from .options import Options

# A thread made for one run alone outlives it so long: whoever listens reads to the end, also after a cut.
PASSING_S = 60

_THREAD_STATUS = {
    RunStatus.WAITING: ThreadStatus.INTERRUPTED,
    RunStatus.FAILED: ThreadStatus.ERROR,
    RunStatus.DEAD: ThreadStatus.ERROR,
}


@dataclass(frozen=True)
class Left:
    """questions: {task id: [{id, value}]} that the thread waits with; asked: ids of their reviews;
    taken_back: the thread stands where it stood before the run.
    """

    status: RunStatus
    values: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    questions: Mapping[str, Any] = field(default_factory=dict)
    asked: Sequence[str] = ()
    taken_back: bool = False


def leave(engine: Engine, session: TenantSession, run: Run, left: Left) -> None:
    change(session, Thread, {"id": run.thread_id}, _thread(engine, run, left))
    # Only now is the thread locked: a run that somebody queues for it was stored before, or comes after.
    if runs.is_active_on(session, run.thread_id):
        change(session, Thread, {"id": run.thread_id}, {"status": ThreadStatus.BUSY})
        tell(session, runs.QUEUE)
    told = {"status": left.status, "error": left.error}
    tell(session, Notice(runs.topic(run.id), "status", {**told, **_reviews(left)}))
    tell(session, Notice(runs.thread_topic(run.thread_id), "run"))
    if url := run.options.get("webhook"):
        _call_back(engine, session, run, left, url)


def _thread(engine: Engine, run: Run, left: Left) -> dict[str, Any]:
    passes = left.status != RunStatus.WAITING and not Options.model_validate(run.options).keep_thread
    return {
        "status": _THREAD_STATUS.get(left.status, ThreadStatus.IDLE),
        "interrupts": left.questions,
        # What a cancelled run did, the checkpoint alone tells.
        "last_run_id": None if left.status == RunStatus.CANCELLED else run.id,
        # One that was cancelled while it waited has changed nothing since.
        "values": None if left.taken_back else run.result or None,
        "updated_at": engine.clock(),
        **({"ttl_s": PASSING_S} if passes else {}),
    }


def _reviews(left: Left) -> dict[str, Any]:
    return {"reviews": list(left.asked)} if left.asked else {}


def _call_back(engine: Engine, session: TenantSession, run: Run, left: Left, url: str) -> None:
    now = engine.clock()
    told = {"run_id": run.id, "thread_id": run.thread_id, "status": left.status, "error": left.error}
    payload = {**told, "metadata": run.meta, "values": storable(left.values)}
    due = Delivery(id=engine.new_id(), run_id=run.id, url=url, payload=payload, next_at=now, created_at=now)
    open_delivery(session, due)
    tell(session, Notice("deliveries", "due"))
