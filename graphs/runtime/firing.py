"""Starts what is due. However many processes do it, and whenever they begin, each time fires once.

A look goes through the table when a time is due, when a schedule is changed anywhere, and once a minute
besides. What it finds due, the latest time since the last that fired, it starts under that time's key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import structlog

from memory import schedules
from memory.models import Schedule, Trigger
from memory.notices import Notice

from .cron import missed, next_times
from .errors import ArtelError
from .events import Events, Listener
from .options import Options
from .runs import Request, RunService

log = structlog.get_logger()

# A notice may be lost and a machine may sleep: nothing stays unseen for longer than this.
LOOK_S = 60.0
_STOP = Notice(schedules.TOPIC, "stop")


class Firing:
    """Fires schedules into runs between `start` and `stop`."""

    def __init__(self, runs: RunService, events: Events, clock: Callable[[], datetime]) -> None:
        self._runs = runs
        self._memory = runs.memory
        self._events = events
        self._clock = clock
        # The last time of each schedule that was tried here: one that was refused is not tried again.
        self._tried: dict[str, datetime] = {}
        self._stack = AsyncExitStack()

    def start(self) -> None:
        listener = self._stack.enter_context(self._events.listen(schedules.TOPIC))
        task = asyncio.create_task(self._keep(listener))
        self._stack.push_async_callback(_end, listener, task)

    async def stop(self) -> None:
        """Let what is being fired be noted, then fire no more."""
        await self._stack.aclose()

    async def look(self) -> datetime | None:
        """Fire what is due; when to look again, if anything is planned."""
        known = await self._memory.read(schedules.all_of)
        self._tried = {one.id: self._tried[one.id] for one in known if one.id in self._tried}
        now = self._clock()
        for schedule in known:
            if at := missed(schedule, self._since(schedule), now):
                await self._fire(schedule, at)
        return min((time for one in known for time in next_times(one, now, 1)), default=None)

    async def _keep(self, listener: Listener) -> None:
        notice: Notice | None = None
        while notice is not _STOP:
            notice = await _heard(listener, await self._wait_s())

    async def _wait_s(self) -> float:
        """Seconds until the next look, after this one."""
        try:
            at = await self.look()
        except Exception:
            log.exception("schedules could not be looked at")
            return LOOK_S
        return LOOK_S if at is None else max(0.0, min((at - self._clock()).total_seconds(), LOOK_S))

    def _since(self, schedule: Schedule) -> datetime:
        """Times up to this one are settled. What was paused or planned otherwise then has not been missed."""
        settled = (schedule.last_fired_at, schedule.updated_at, self._tried.get(schedule.id))
        return max(filter(None, settled), default=schedule.created_at)

    async def _fire(self, schedule: Schedule, at: datetime) -> None:
        key = f"cron:{schedule.id}:{at.astimezone(UTC).isoformat()}"
        try:
            request = request_of(schedule, Trigger.SCHEDULE, f"schedule:{schedule.name}", key)
            run, new = await self._runs.start(request)
            if new:
                await self._memory.write(schedules.ran, schedule.id, run.id, at=at)
        except (ArtelError, ValueError) as error:
            log.error("schedule did not fire", schedule_id=schedule.id, at=at.isoformat(), error=str(error))
        except Exception:
            # Such as a database that is away for a moment: the next look tries again.
            log.exception("schedule did not fire yet", schedule_id=schedule.id, at=at.isoformat())
            return
        self._tried[schedule.id] = at


async def _heard(listener: Listener, wait_s: float) -> Notice | None:
    try:
        async with asyncio.timeout(wait_s):
            return await listener.next()
    except TimeoutError:
        return None


async def _end(listener: Listener, task: asyncio.Task[None]) -> None:
    listener.put(_STOP)
    await asyncio.wait([task])


def request_of(schedule: Schedule, trigger: Trigger, actor: str, key: str | None = None) -> Request:
    """What a schedule starts: on a thread of its own its runs wait for each other, unless it says otherwise.

    Errors: ValueError for options that this version does not know.
    """
    options = Options.model_validate(schedule.options)
    options = options.model_copy(update={"keep_thread": schedule.keep_thread})
    if schedule.thread_id and options.multitask == "reject":
        options = options.model_copy(update={"multitask": "enqueue"})
    return Request(
        schedule.graph,
        schedule.input,
        trigger,
        actor,
        key=key,
        thread_id=schedule.thread_id,
        assistant_id=schedule.assistant_id,
        options=options,
        meta=schedule.meta,
    )
