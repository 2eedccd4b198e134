"""Schedules: what starts without anybody asking."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter, Response

from api.addresses import of_run, of_schedule
from api.deps import Actor, Serving
from api.schemas.base import Items
from api.schemas.runs import RunOut
from api.schemas.schedules import ScheduleChange, ScheduleIn, ScheduleOut
from graphs.runtime.errors import NotFound
from graphs.runtime.scheduler import Changes, NewSchedule, Planned
from memory.models import Run

router = APIRouter(prefix="/schedules", tags=["schedules"])


@router.get("", response_model=Items[ScheduleOut], summary="List schedules and when they fire next")
async def list_schedules(services: Serving) -> dict[str, Any]:
    return {"items": [_shown(planned) for planned in await services.scheduler.all()]}


@router.post("", status_code=201, response_model=ScheduleOut, summary="Add a schedule")
async def add_schedule(
    body: ScheduleIn, response: Response, services: Serving, actor: Actor
) -> dict[str, Any]:
    """404 for a graph that there is not, 409 for a name that is used, 422 for a line that never fires."""
    if body.graph not in services.engine.graphs:
        raise NotFound.of("graph", body.graph)
    values = {**dict(body), "timezone": body.timezone or services.settings.timezone}
    planned = await services.scheduler.create(NewSchedule(**values), actor)
    response.headers["Location"] = of_schedule(planned.schedule.id)
    return _shown(planned)


@router.get("/{schedule_id}", response_model=ScheduleOut, summary="Look at a schedule")
async def get_schedule(schedule_id: str, services: Serving) -> dict[str, Any]:
    return _shown(await services.scheduler.get(schedule_id))


@router.patch("/{schedule_id}", response_model=ScheduleOut, summary="Change a schedule")
async def change_schedule(
    schedule_id: str, body: ScheduleChange, services: Serving, actor: Actor
) -> dict[str, Any]:
    changes = cast(Changes, body.model_dump(exclude_unset=True))
    return _shown(await services.scheduler.change(schedule_id, changes, actor))


@router.delete("/{schedule_id}", status_code=204, summary="Delete a schedule; its runs stay")
async def delete_schedule(schedule_id: str, services: Serving, actor: Actor) -> None:
    await services.scheduler.delete(schedule_id, actor)


@router.post("/{schedule_id}/pause", response_model=ScheduleOut, summary="Pause a schedule")
async def pause(schedule_id: str, services: Serving, actor: Actor) -> dict[str, Any]:
    return _shown(await services.scheduler.pause(schedule_id, True, actor))


@router.post("/{schedule_id}/resume", response_model=ScheduleOut, summary="Let a schedule fire again")
async def resume(schedule_id: str, services: Serving, actor: Actor) -> dict[str, Any]:
    return _shown(await services.scheduler.pause(schedule_id, False, actor))


@router.post("/{schedule_id}/run", status_code=201, response_model=RunOut, summary="Run it now")
async def run_now(schedule_id: str, response: Response, services: Serving, actor: Actor) -> Run:
    run = await services.scheduler.run_now(schedule_id, actor)
    response.headers["Location"] = of_run(run.id)
    return run


def _shown(planned: Planned) -> dict[str, Any]:
    return {
        **planned.schedule.model_dump(),
        "next_times": planned.next_times,
        "last_run": planned.last,
    }
