"""Schedules: what starts without anybody asking."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.deps import Actor, Serving
from api.schemas.base import Items
from api.schemas.runs import RunOut
from api.schemas.schedules import ScheduleOut, Timing
from graphs.runtime.scheduler import Planned
from memory.models import Run

router = APIRouter(prefix="/schedules", tags=["schedules"])


@router.get("", response_model=Items[ScheduleOut], summary="List schedules and when they fire next")
async def list_schedules(services: Serving) -> dict[str, Any]:
    return {"items": [_shown(planned) for planned in await services.scheduler.all()]}


@router.post("/{schedule_id}/pause", response_model=ScheduleOut, summary="Pause a schedule")
async def pause(schedule_id: str, services: Serving, actor: Actor) -> dict[str, Any]:
    return _shown(await services.scheduler.pause(schedule_id, True, actor))


@router.post("/{schedule_id}/resume", response_model=ScheduleOut, summary="Let a schedule fire again")
async def resume(schedule_id: str, services: Serving, actor: Actor) -> dict[str, Any]:
    return _shown(await services.scheduler.pause(schedule_id, False, actor))


@router.post("/{schedule_id}/run", status_code=201, response_model=RunOut, summary="Run it now")
async def run_now(
    schedule_id: str, request: Request, response: Response, services: Serving, actor: Actor
) -> Run:
    run = await services.scheduler.run_now(schedule_id, actor)
    response.headers["Location"] = request.app.url_path_for("get_run", run_id=run.id)
    return run


@router.patch("/{schedule_id}", response_model=ScheduleOut, summary="Change when a schedule fires")
async def retime(schedule_id: str, body: Timing, services: Serving, actor: Actor) -> dict[str, Any]:
    return _shown(await services.scheduler.retime(schedule_id, body.cron, body.timezone, actor))


def _shown(planned: Planned) -> dict[str, Any]:
    return {**planned.schedule.model_dump(), "next_times": planned.next_times}
