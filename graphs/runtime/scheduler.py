"""The service of schedules: keep, change, look, run now. `Firing` starts what is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from pydantic_core import to_jsonable_python
from sqlalchemy.exc import IntegrityError

from memory import audit, schedules
from memory.db import TenantSession
from memory.models import Run, Schedule, Trigger
from memory.schedules import Filter, Kept, LastRun, Sort

from .cron import fires, next_times
from .errors import BadRequest, Conflict, NotFound
from .events import Events
from .firing import Firing, request_of
from .options import Options
from .runs import RunService

_TIMING = frozenset({"cron", "timezone", "ends_at"})


@dataclass(frozen=True)
class Planned:
    """A schedule, when it fires next (never while it is paused), and its last run."""

    schedule: Schedule
    next_times: tuple[datetime, ...]
    last: LastRun | None


@dataclass(frozen=True)
class NewSchedule:
    """What to keep. Without a name it is called by its id; on a thread its runs wait for each other."""

    graph: str
    cron: str
    timezone: str
    name: str | None = None
    input: dict[str, Any] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    meta: dict[str, Any] = field(default_factory=dict)
    assistant_id: str | None = None
    thread_id: str | None = None
    paused: bool = False
    ends_at: datetime | None = None
    keep_thread: bool = True


class Changes(TypedDict, total=False):
    """What of a schedule may be changed."""

    name: str
    cron: str
    timezone: str
    input: dict[str, Any]
    options: Options
    meta: dict[str, Any]
    paused: bool
    ends_at: datetime | None
    keep_thread: bool


class Scheduler:
    """Fires schedules while it is started; without that it only keeps them."""

    def __init__(self, runs: RunService, events: Events, clock: Callable[[], datetime]) -> None:
        self._runs = runs
        self._memory = runs.memory
        self._clock = clock
        self._firing = Firing(runs, events, clock)

    def start(self) -> None:
        """From now on fire what is due, at first what was missed while nobody ran."""
        self._firing.start()

    async def stop(self) -> None:
        await self._firing.stop()

    async def all(self) -> Sequence[Planned]:
        return await self.search(Filter())

    async def search(
        self,
        filter: Filter,
        *,
        limit: int | None = None,
        offset: int = 0,
        sort: Sort = "name",
        descending: bool = False,
    ) -> Sequence[Planned]:
        found = await self._memory.read(
            schedules.search, filter, limit=limit, offset=offset, sort=sort, descending=descending
        )
        return [self._planned(kept) for kept in found]

    async def count(self, filter: Filter) -> int:
        return await self._memory.read(schedules.count, filter)

    async def get(self, schedule_id: str) -> Planned:
        """Errors: NotFound."""
        return self._planned(await self._memory.read(_kept, schedule_id))

    async def ensure(self, schedule: Schedule) -> None:
        await self._memory.write(schedules.ensure, schedule)

    async def create(self, new: NewSchedule, actor: str) -> Planned:
        """Errors: BadRequest when its line or zone means nothing or never fires; Conflict for a used name."""
        return self._planned(await self._memory.write(self._create, new, actor))

    async def change(self, schedule_id: str, changes: Changes, actor: str) -> Planned:
        """Errors: NotFound; those of `create`, and then nothing is changed."""
        try:
            return self._planned(await self._memory.write(self._change, schedule_id, changes, actor))
        except IntegrityError as error:
            raise _taken(changes.get("name")) from error

    async def pause(self, schedule_id: str, paused: bool, actor: str) -> Planned:
        """Errors: NotFound."""
        return await self.change(schedule_id, {"paused": paused}, actor)

    async def delete(self, schedule_id: str, actor: str) -> None:
        """Errors: NotFound."""
        await self._memory.write(self._delete, schedule_id, actor)

    async def run_now(self, schedule_id: str, actor: str) -> Run:
        """Errors: NotFound; those of RunService.start."""
        schedule = (await self._memory.read(_kept, schedule_id)).schedule
        run, _ = await self._runs.start(request_of(schedule, Trigger.PERSON, actor))
        await self._memory.write(self._ran, schedule, run.id, actor)
        return run

    def _create(self, session: TenantSession, new: NewSchedule, actor: str) -> Kept:
        id, now = self._runs.new_id(), self._clock()
        values = {**vars(new), "name": new.name or id, "options": new.options.stored()}
        schedule = Schedule(id=id, actor=actor, created_at=now, **values)
        _check(schedule, now)
        if not schedules.add(session, schedule):
            raise _taken(schedule.name)
        self._note(session, actor, "create", id, values)
        return Kept(schedule, None)

    def _change(self, session: TenantSession, schedule_id: str, changes: Changes, actor: str) -> Kept:
        values: dict[str, Any] = {**changes}
        if "options" in changes:
            values["options"] = changes["options"].stored()
        now = self._clock()
        schedule = schedules.change(session, schedule_id, **values, updated_at=now)
        if schedule is None:
            raise NotFound.of("schedule", schedule_id)
        if _TIMING & changes.keys():
            _check(schedule, now)
        self._note(session, actor, _action(changes), schedule_id, values)
        return _kept(session, schedule_id)

    def _delete(self, session: TenantSession, schedule_id: str, actor: str) -> None:
        schedule = schedules.delete(session, schedule_id)
        if schedule is None:
            raise NotFound.of("schedule", schedule_id)
        self._note(session, actor, "delete", schedule_id, {"name": schedule.name, "graph": schedule.graph})

    def _ran(self, session: TenantSession, schedule: Schedule, run_id: str, actor: str) -> None:
        schedules.ran(session, schedule.id, run_id)
        self._note(session, actor, "run", schedule.id, {"run": run_id})

    def _note(
        self, session: TenantSession, actor: str, action: str, id: str, detail: Mapping[str, Any]
    ) -> None:
        audit.record(
            session,
            id=self._runs.new_id(),
            actor=actor,
            action=f"schedule.{action}",
            subject_type="schedule",
            subject_id=id,
            detail=to_jsonable_python(detail),
            now=self._clock(),
        )

    def _planned(self, kept: Kept) -> Planned:
        return Planned(kept.schedule, next_times(kept.schedule, self._clock(), 3), kept.last)


def _kept(session: TenantSession, schedule_id: str) -> Kept:
    if (kept := schedules.get(session, schedule_id)) is None:
        raise NotFound.of("schedule", schedule_id)
    return kept


def _check(schedule: Schedule, now: datetime) -> None:
    if not fires(schedule, now):
        end = f" before its end, {schedule.ends_at:%Y-%m-%d %H:%M %Z}" if schedule.ends_at else ""
        raise BadRequest(f"the cron line {schedule.cron!r} never fires{end}")


def _action(changes: Changes) -> str:
    if changes.keys() == {"paused"}:
        return "pause" if changes["paused"] else "resume"
    return "retime" if changes.keys() <= _TIMING else "change"


def _taken(name: str | None) -> Conflict:
    return Conflict(f"there is a schedule {name!r} already")
