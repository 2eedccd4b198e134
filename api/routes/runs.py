"""Runs: start, list, look, cancel, listen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from starlette.responses import StreamingResponse

from api.addresses import of_run
from api.deps import Actor, Closing, Serving
from api.paging import cut, decode
from api.schemas.base import Page
from api.schemas.runs import EffectOut, RunIn, RunLine, RunOut
from api.sse import LastEvent, event_stream
from graphs.runtime.options import Options
from graphs.runtime.runs import Request as RunRequest
from graphs.runtime.services import Services
from memory import effects
from memory.models import Effect, Run, RunStatus, Trigger

router = APIRouter(prefix="/runs", tags=["runs"])


@router.post("", status_code=201, response_model=RunOut, summary="Start a run")
async def start(body: RunIn, response: Response, services: Serving, actor: Actor) -> Run:
    """201 for a new run, 200 when its key was used before. The answered run is on disk."""
    plain = RunRequest(body.graph or "", body.input, Trigger.API, actor, body.key, body.thread_id)
    run, new = await services.runs.start(await _settled(services, plain, body.assistant_id))
    response.headers["Location"] = of_run(run.id)
    response.status_code = 201 if new else 200
    return run


@router.get("", response_model=Page[RunLine], summary="List runs, newest first")
async def list_runs(
    services: Serving,
    status: Annotated[Sequence[RunStatus], Query()] = (),
    graph: str | None = None,
    thread_id: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> dict[str, Any]:
    rows = await services.runs.page(
        status=status, graph=graph, thread_id=thread_id, limit=limit + 1, before=decode(before, str)
    )
    return cut(rows, limit, lambda run: run.id)


@router.get("/{run_id}", response_model=RunOut, summary="Look at a run")
async def get_run(run_id: str, services: Serving) -> Run:
    return await services.runs.get(run_id)


@router.get("/{run_id}/effects", response_model=list[EffectOut], summary="What the world has seen of it")
async def list_effects(run_id: str, services: Serving) -> Sequence[Effect]:
    """Letters and CRM writes of the run's thread, each with the key that makes it happen once."""
    run = await services.runs.get(run_id)
    return await services.memory.read(effects.effects_of, run.thread_id)


@router.post("/{run_id}/cancel", response_model=RunOut, summary="Cancel a run and withdraw its review")
async def cancel(run_id: str, services: Serving, actor: Actor) -> Run:
    return await services.runs.cancel(run_id, actor)


@router.post("/{run_id}/retry", response_model=RunOut, summary="Queue a dead or failed run again")
async def retry(run_id: str, services: Serving, actor: Actor) -> Run:
    """Its counts of deaths and retries start anew; it goes on where its thread stands."""
    return await services.runs.requeue(run_id, actor)


@router.get("/{run_id}/events", response_class=StreamingResponse, summary="Listen to a run (SSE)")
async def listen(run_id: str, services: Serving, closing: Closing, after: LastEvent) -> StreamingResponse:
    """`status` events ({status, error}) and `node` events ({node}) until the run waits or has ended.

    The last `status` of a waiting run also carries `reviews`: the ids of the reviews it waits for. Whoever
    comes again with `Last-Event-ID` hears how the run stands and what nodes have ended meanwhile.
    """
    return await event_stream(services.runs.events(run_id, after), closing)


async def _settled(services: Services, plain: RunRequest, assistant_id: str | None) -> RunRequest:
    """With the assistant's graph, config and context. Errors: NotFound: the assistant."""
    if assistant_id is None:
        return plain
    assistant = await services.assistants.get(assistant_id)
    options = Options.model_validate({"config": assistant.config, "context": assistant.context})
    return replace(plain, graph=assistant.graph, assistant_id=assistant.id, options=options)
