"""Schedules: APScheduler says when, our table remembers what, and the key makes each time fire once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from memory import audit, schedules
from memory.db import TenantSession
from memory.models import Run, Schedule, Trigger

from .errors import ArtelError, BadRequest, NotFound
from .runs import Request, RunService

log = structlog.get_logger()

# A server that was down at the time still fires within this many seconds of it, and then only once.
MISFIRE_GRACE_S = 3600


@dataclass(frozen=True)
class Planned:
    """A schedule and when it fires next; never while it is paused."""

    schedule: Schedule
    next_times: tuple[datetime, ...]


class Scheduler:
    """Fires schedules into runs while it is started; without that it only keeps them."""

    def __init__(self, runs: RunService, clock: Callable[[], datetime]) -> None:
        self._runs = runs
        self._memory = runs.memory
        self._clock = clock
        self._timer: AsyncIOScheduler | None = None

    async def start(self) -> None:
        self._timer = AsyncIOScheduler(executors={"default": _Firing(self._fire)}, timezone="UTC")
        for schedule in await self._memory.read(schedules.all_of):
            self._arm(schedule)
        self._timer.start()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.shutdown(wait=False)
            self._timer = None

    async def all(self) -> Sequence[Planned]:
        return [self._planned(schedule) for schedule in await self._memory.read(schedules.all_of)]

    async def ensure(self, schedule: Schedule) -> None:
        await self._memory.write(schedules.ensure, schedule)

    async def pause(self, schedule_id: str, paused: bool, actor: str) -> Planned:
        """Errors: NotFound."""
        return await self._change(schedule_id, "pause" if paused else "resume", actor, paused=paused)

    async def retime(self, schedule_id: str, cron: str, timezone: str, actor: str) -> Planned:
        """Errors: NotFound; BadRequest for a cron line or zone that means nothing or never fires."""
        trigger = trigger_of(cron, timezone)
        if trigger.get_next_fire_time(None, self._clock()) is None:
            raise BadRequest(f"the cron line {cron!r} never fires")
        return await self._change(schedule_id, "retime", actor, cron=cron, timezone=timezone)

    async def run_now(self, schedule_id: str, actor: str) -> Run:
        """Errors: NotFound."""
        schedule = await self._memory.read(_existing, schedule_id)
        request = Request(schedule.graph, schedule.input, Trigger.PERSON, actor)
        run, _ = await self._runs.start(request)
        await self._memory.write(schedules.fired, schedule_id, run.id, self._clock())
        return run

    async def _fire(self, schedule_id: str, at: datetime) -> None:
        schedule = await self._memory.read(_existing, schedule_id)
        key = f"cron:{schedule_id}:{at.astimezone(ZoneInfo('UTC')).isoformat()}"
        request = Request(
            schedule.graph, schedule.input, Trigger.SCHEDULE, f"schedule:{schedule.name}", key=key
        )
        run, new = await self._runs.start(request)
        if new:
            await self._memory.write(schedules.fired, schedule_id, run.id, at)

    async def _change(self, schedule_id: str, action: str, actor: str, **values: Any) -> Planned:
        schedule = await self._memory.write(self._record, schedule_id, action, actor, values)
        self._arm(schedule)
        return self._planned(schedule)

    def _record(
        self, session: TenantSession, schedule_id: str, action: str, actor: str, values: dict[str, Any]
    ) -> Schedule:
        schedule = schedules.change(session, schedule_id, **values)
        if schedule is None:
            raise NotFound.of("schedule", schedule_id)
        audit.record(
            session,
            id=self._runs.new_id(),
            actor=actor,
            action=f"schedule.{action}",
            subject_type="schedule",
            subject_id=schedule_id,
            detail=values,
            now=self._clock(),
        )
        return schedule

    def _arm(self, schedule: Schedule) -> None:
        if self._timer is None:
            return
        if self._timer.get_job(schedule.id):
            self._timer.remove_job(schedule.id)
        if not schedule.paused:
            self._timer.add_job(
                _named,
                trigger_of(schedule.cron, schedule.timezone),
                id=schedule.id,
                misfire_grace_time=MISFIRE_GRACE_S,
                coalesce=True,
                max_instances=10,
            )

    def _planned(self, schedule: Schedule, count: int = 3) -> Planned:
        times: list[datetime] = []
        trigger = trigger_of(schedule.cron, schedule.timezone)
        last: datetime | None = None
        while not schedule.paused and len(times) < count:
            last = trigger.get_next_fire_time(last, last or self._clock())
            if last is None:
                break
            times.append(last)
        return Planned(schedule, tuple(times))


def trigger_of(cron: str, timezone: str) -> CronTrigger:
    """Errors: BadRequest for a line of other than five valid fields or an unknown zone."""
    try:
        return CronTrigger.from_crontab(cron, timezone=ZoneInfo(timezone))
    except (ValueError, KeyError, OSError) as error:
        raise BadRequest(f"the schedule {cron!r} in {timezone!r} means nothing: {error}") from error


class _Firing(BaseExecutor):  # type: ignore[misc]
    """Hands the time that was due to `fire`, so that the run's key is that time and not the clock's."""

    def __init__(self, fire: Callable[[str, datetime], Awaitable[None]]) -> None:
        super().__init__()
        self._fire = fire
        self._tasks: set[asyncio.Task[None]] = set()

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        task = asyncio.ensure_future(self._run(job.id, run_times[-1]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, job_id: str, at: datetime) -> None:
        try:
            await self._fire(job_id, at)
        except ArtelError as error:
            log.error("schedule did not fire", schedule_id=job_id, at=at.isoformat(), error=str(error))
        self._run_job_success(job_id, [])


def _named() -> None:
    """APScheduler wants something to call; `_Firing` calls what a schedule really does."""


def _existing(session: TenantSession, schedule_id: str) -> Schedule:
    if (schedule := schedules.get(session, schedule_id)) is None:
        raise NotFound.of("schedule", schedule_id)
    return schedule
