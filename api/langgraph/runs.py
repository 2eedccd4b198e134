"""Runs on the wire: start them, wait for them, listen to them, stop them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.deps import Actor, Asker, Closing, Serving
from api.schemas.base import Count, Id
from api.sse import LastEvent
from graphs.runtime.errors import Conflict, NotFound
from graphs.runtime.people.rights import Permission
from graphs.runtime.removal import remove
from graphs.runtime.services import Services
from memory import audit, runs
from memory.assistants import default_id
from memory.db import TenantSession
from memory.models import Cancel, Run, RunStatus

from .addresses import locations
from .encoding import answer
from .run_requests import check_rights, ordered, place
from .run_schemas import STATUSES, Action, BulkCancel, RunIn, WireStatus, shown, status_of
from .schemas import Limit, only
from .streams import Leaving, streamed, values_of, waited

router = APIRouter()

_BATCH = 100
_KINDS = {"pending": (RunStatus.QUEUED,), "running": (RunStatus.RUNNING,), "all": runs.ACTIVE}
Modes = Annotated[list[str] | None, Query()]


@router.post("/runs/batch")
async def batch(bodies: list[RunIn], services: Serving, asker: Asker, actor: Actor) -> Response:
    """All are looked at before the first is started."""
    for body in bodies:
        check_rights(asker, body)
    orders = [await ordered(services, body, body.thread_id, actor) for body in bodies]
    return answer([_told(await place(services, order)) for order in orders])


@router.post("/runs/cancel", status_code=204)
async def cancel_many(
    body: BulkCancel, services: Serving, actor: Actor, action: Action = "interrupt"
) -> None:
    ids = await services.memory.read(_chosen, body)
    await asyncio.gather(*(_cancelled(services, id, actor, action) for id in ids))


@router.post("/runs")
@router.post("/threads/{thread_id}/runs")
async def start(
    body: RunIn, services: Serving, asker: Asker, actor: Actor, thread_id: Id | None = None
) -> Response:
    check_rights(asker, body)
    run = await _started(services, body, thread_id, actor)
    return answer(_told(run), headers=locations(run))


@router.post("/runs/wait")
@router.post("/threads/{thread_id}/runs/wait")
async def start_and_wait(
    body: RunIn,
    services: Serving,
    asker: Asker,
    actor: Actor,
    closing: Closing,
    thread_id: Id | None = None,
) -> Response:
    check_rights(asker, body)
    run = await _started(services, body, thread_id, actor)
    return waited(run, _leaving(services, body, actor), closing)


@router.post("/runs/stream")
@router.post("/threads/{thread_id}/runs/stream")
async def start_and_stream(
    body: RunIn,
    services: Serving,
    asker: Asker,
    actor: Actor,
    closing: Closing,
    thread_id: Id | None = None,
) -> Response:
    check_rights(asker, body)
    body.stream_mode = body.stream_mode or ["values"]
    run = await _started(services, body, thread_id, actor)
    return streamed(run, _leaving(services, body, actor), closing)


@router.get("/threads/{thread_id}/runs")
async def list_runs(
    thread_id: str,
    services: Serving,
    limit: Limit = 10,
    offset: Count = 0,
    status: WireStatus | None = None,
    select: Annotated[list[str] | None, Query()] = None,
) -> Response:
    found = await services.memory.read(_page, thread_id, status, offset, limit)
    return answer([only(_told(run), select) for run in found])


@router.get("/threads/{thread_id}/runs/{run_id}")
async def get_run(thread_id: str, run_id: str, services: Serving) -> Response:
    return answer(_told(await _found(services, thread_id, run_id)))


@router.delete("/threads/{thread_id}/runs/{run_id}", status_code=204)
async def delete(thread_id: str, run_id: str, services: Serving, actor: Actor) -> None:
    await _found(services, thread_id, run_id)
    await remove(services.engine, run_id, actor)


@router.get("/threads/{thread_id}/runs/{run_id}/join")
async def join(
    thread_id: str,
    run_id: str,
    services: Serving,
    asker: Asker,
    actor: Actor,
    closing: Closing,
    cancel_on_disconnect: bool = False,
) -> Response:
    if cancel_on_disconnect:
        asker.must(Permission.RUN_CANCEL)
    run = await _found(services, thread_id, run_id)
    return waited(run, Leaving(services, actor, cancel=cancel_on_disconnect), closing)


@router.get("/threads/{thread_id}/runs/{run_id}/stream")
async def stream(
    thread_id: str,
    run_id: str,
    services: Serving,
    asker: Asker,
    actor: Actor,
    closing: Closing,
    after: LastEvent,
    cancel_on_disconnect: bool = False,
    stream_mode: Modes = None,
) -> Response:
    if cancel_on_disconnect:
        asker.must(Permission.RUN_CANCEL)
    run = await _found(services, thread_id, run_id)
    leaving = Leaving(services, actor, cancel=cancel_on_disconnect)
    # The client sends an empty mode when it was given none.
    modes = [mode for mode in stream_mode or () if mode]
    return streamed(run, leaving, closing, after=after, modes=modes)


@router.post("/threads/{thread_id}/runs/{run_id}/cancel")
async def cancel(
    thread_id: str,
    run_id: str,
    services: Serving,
    actor: Actor,
    wait: bool = False,
    action: Action = "interrupt",
) -> Response:
    run = await _found(services, thread_id, run_id)
    await services.runs.cancel(run.id, actor, Cancel(action))
    if not wait:
        return Response(status_code=202)
    return answer(await values_of(services, run.id), headers=locations(run, "join"))


async def _started(services: Services, body: RunIn, thread_id: str | None, actor: str) -> Run:
    return await place(services, await ordered(services, body, thread_id, actor))


def _leaving(services: Services, body: RunIn, actor: str) -> Leaving:
    return Leaving(services, actor, body.on_disconnect == "cancel")


def _told(run: Run) -> dict[str, Any]:
    return shown(run, default_id(run.graph, run.tenant_id))


async def _cancelled(services: Services, run_id: str, actor: str, action: Action) -> None:
    """Many are cancelled at once: one that ends meanwhile is no error."""
    with suppress(Conflict):
        await services.runs.cancel(run_id, actor, Cancel(action))


async def _found(services: Services, thread_id: str, run_id: str) -> Run:
    return await services.memory.read(_of_thread, thread_id, run_id)


def _of_thread(session: TenantSession, thread_id: str | None, run_id: str) -> Run:
    """Errors: NotFound, also for one that was rolled back: then it has never been."""
    run = runs.get(session, run_id)
    if run is None or thread_id not in (None, run.thread_id) or _rolled_back(session, run):
        raise NotFound.of("run", run_id)
    return run


def _rolled_back(session: TenantSession, run: Run) -> bool:
    if run.status != RunStatus.CANCELLED:
        return False
    return any(entry.detail.get("how") == Cancel.ROLLBACK for entry in audit.entries(session, "run", run.id))


def _chosen(session: TenantSession, body: BulkCancel) -> list[str]:
    if body.run_ids:
        return [_of_thread(session, body.thread_id, id).id for id in body.run_ids]
    wanted = _KINDS[body.status or "all"]
    return [run.id for run in _newest(session, body.thread_id, wanted)]


def _page(
    session: TenantSession, thread_id: str, status: WireStatus | None, offset: int, limit: int
) -> list[Run]:
    found: list[Run] = []
    for run in _newest(session, thread_id, STATUSES[status] if status else ()):
        if status in (None, status_of(run)) and not _rolled_back(session, run):
            found.append(run)
        if len(found) == offset + limit:
            break
    return found[offset:]


def _newest(session: TenantSession, thread_id: str | None, statuses: Sequence[str]) -> Iterator[Run]:
    """The runs (of a thread) that stand so, read a batch at a time."""
    before: str | None = None
    while batch := runs.page(session, status=statuses, thread_id=thread_id, limit=_BATCH, before=before):
        yield from batch
        before = batch[-1].id
