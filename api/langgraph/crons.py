"""Crons on the wire: our schedules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Response
from pydantic import AfterValidator, BaseModel

from api.deps import Actor, Serving
from api.schemas.base import Id
from graphs.runtime.options import Multitask, Options
from graphs.runtime.scheduler import Changes, NewSchedule, Planned
from graphs.runtime.services import Services
from graphs.runtime.threads import NewThread
from memory import schedules
from memory.assistants import default_id

from .encoding import answer
from .paging import pages
from .run_requests import options_of
from .run_schemas import How, Values
from .schemas import Json, Page, only

router = APIRouter()

OnCompleted = Literal["delete", "keep"]
# By our names: what the database sorts by. The next time is worked out, not kept.
_SORTS: dict[str, schedules.Sort] = {
    "cron_id": "id",
    "assistant_id": "assistant_id",
    "thread_id": "thread_id",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "end_time": "ends_at",
}
# What of the options a patch changes together: config and context are settled against the assistant's.
_SETTINGS = {
    "config": "config",
    "context": "context",
    "stream_mode": "stream",
    "stream_subgraphs": "subgraphs",
    "interrupt_before": "interrupt_before",
    "interrupt_after": "interrupt_after",
    "webhook": "webhook",
}


def _in_utc(value: datetime) -> datetime:
    """A time without a zone is UTC, as the crons' own default is."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


EndTime = Annotated[datetime, AfterValidator(_in_utc)]


class CronIn(How):
    assistant_id: str
    schedule: str
    timezone: str = "UTC"
    input: Values | None = None
    end_time: EndTime | None = None
    enabled: bool = True
    on_run_completed: OnCompleted = "delete"
    multitask_strategy: Multitask = "enqueue"


class CronPatch(How):
    """What is left out stays; an end time of null takes the end away."""

    schedule: str | None = None
    timezone: str | None = None
    input: Values | None = None
    end_time: EndTime | None = None
    enabled: bool | None = None
    on_run_completed: OnCompleted | None = None

    def changes(self) -> Changes:
        """Those of the schedule itself."""
        told: dict[str, Any] = {
            "cron": self.schedule,
            "timezone": self.timezone,
            "input": self.input,
            "paused": None if self.enabled is None else not self.enabled,
            "keep_thread": None if self.on_run_completed is None else self.on_run_completed == "keep",
            "meta": self.metadata if "metadata" in self.model_fields_set else None,
        }
        changes = {name: value for name, value in told.items() if value is not None}
        if "end_time" in self.model_fields_set:
            changes["ends_at"] = self.end_time
        return cast(Changes, changes)


class CronFilter(BaseModel):
    assistant_id: str | None = None
    thread_id: str | None = None
    enabled: bool | None = None
    metadata: Json = {}


class CronSearch(CronFilter, Page):
    sort_by: Literal[
        "cron_id", "assistant_id", "thread_id", "created_at", "updated_at", "next_run_date", "end_time"
    ] = "created_at"


@router.post("/runs/crons")
@router.post("/threads/{thread_id}/runs/crons")
async def create(body: CronIn, services: Serving, actor: Actor, thread_id: Id | None = None) -> Response:
    assistant = await services.assistants.get(body.assistant_id)
    if thread_id is not None:
        await services.threads.create(NewThread(id=thread_id), actor, exist_ok=True)
    options = await options_of(services, body, assistant)
    new = NewSchedule(
        graph=assistant.graph,
        cron=body.schedule,
        timezone=body.timezone,
        input=body.input or {},
        options=options.model_copy(update={"multitask": body.multitask_strategy}),
        meta=body.metadata,
        assistant_id=assistant.id,
        thread_id=thread_id,
        paused=not body.enabled,
        ends_at=body.end_time,
        keep_thread=thread_id is not None or body.on_run_completed == "keep",
    )
    return answer(shown(await services.scheduler.create(new, actor)))


@router.patch("/runs/crons/{cron_id}")
async def patch(cron_id: str, body: CronPatch, services: Serving, actor: Actor) -> Response:
    changes = body.changes()
    if body.model_fields_set & _SETTINGS.keys():
        changes["options"] = await _changed(services, cron_id, body)
    return answer(shown(await services.scheduler.change(cron_id, changes, actor)))


@router.delete("/runs/crons/{cron_id}", status_code=204)
async def delete(cron_id: str, services: Serving, actor: Actor) -> None:
    await services.scheduler.delete(cron_id, actor)


@router.post("/runs/crons/search")
async def search(body: CronSearch, services: Serving) -> Response:
    filter = await _filter(services, body)
    descending = body.sort_order != "asc"
    if body.sort_by == "next_run_date":
        whole = sorted(await services.scheduler.search(filter), key=_next, reverse=descending)
        found = whole[body.offset : body.offset + body.limit]
    else:
        found = list(
            await services.scheduler.search(
                filter, limit=body.limit, offset=body.offset, sort=_SORTS[body.sort_by], descending=descending
            )
        )
    total = await services.scheduler.count(filter)
    lines = [only(shown(one), body.select) for one in found]
    return answer(lines, headers=pages(body.limit, body.offset, total))


@router.post("/runs/crons/count")
async def count(body: CronFilter, services: Serving) -> int:
    return await services.scheduler.count(await _filter(services, body))


def shown(planned: Planned) -> dict[str, Any]:
    schedule = planned.schedule
    options = Options.model_validate(schedule.options).model_dump(mode="json")
    assistant_id = schedule.assistant_id or default_id(schedule.graph, schedule.tenant_id)
    settings = {wire: options[ours] for wire, ours in _SETTINGS.items()}
    return {
        "cron_id": schedule.id,
        "assistant_id": assistant_id,
        "thread_id": schedule.thread_id,
        "user_id": schedule.actor,
        "on_run_completed": "keep" if schedule.keep_thread else "delete",
        "end_time": schedule.ends_at,
        "schedule": schedule.cron,
        "timezone": schedule.timezone,
        "payload": {"assistant_id": assistant_id, "input": schedule.input, **settings},
        "next_run_date": _next(planned) if planned.next_times else None,
        "metadata": schedule.meta,
        "enabled": not schedule.paused,
        "created_at": schedule.created_at,
        "updated_at": schedule.updated_at or schedule.created_at,
    }


def _next(planned: Planned) -> datetime:
    """One that never fires comes last."""
    return planned.next_times[0] if planned.next_times else datetime.max.replace(tzinfo=UTC)


async def _changed(services: Services, cron_id: str, body: CronPatch) -> Options:
    """The cron's settings with those that the patch names."""
    schedule = (await services.scheduler.get(cron_id)).schedule
    assistant = await services.assistants.get(schedule.assistant_id or schedule.graph)
    settled = await options_of(services, body, assistant)
    named = [_SETTINGS[name] for name in body.model_fields_set & _SETTINGS.keys()]
    changed = {name: getattr(settled, name) for name in named}
    return Options.model_validate(schedule.options).model_copy(update=changed)


async def _filter(services: Services, body: CronFilter) -> schedules.Filter:
    asked = body.assistant_id
    return schedules.Filter(
        assistant_id=(await services.assistants.get(asked)).id if asked else None,
        thread_id=body.thread_id,
        paused=None if body.enabled is None else not body.enabled,
        meta=body.metadata,
    )
