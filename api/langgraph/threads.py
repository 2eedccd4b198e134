"""Threads on the wire: what they are, and their states."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from api.deps import Actor, Closing, Serving
from graphs.runtime.errors import BadRequest
from graphs.runtime.states import Place
from graphs.runtime.threads import NewThread
from memory.threads import Standing

from .encoding import answer
from .extracting import extracted
from .paging import pages
from .schemas import (
    CheckpointIn,
    HistoryAsk,
    Pruning,
    StateAsk,
    StateIn,
    ThreadFilter,
    ThreadIn,
    ThreadPatch,
    ThreadSearch,
    only,
)
from .thread_streams import Mode, followed

router = APIRouter(prefix="/threads")


@router.post("")
async def create(body: ThreadIn, services: Serving, actor: Actor) -> Response:
    new = NewThread(
        id=body.thread_id,
        metadata=body.metadata,
        ttl_s=body.ttl.seconds() if body.ttl else None,
        supersteps=[[one.update() for one in step.updates] for step in body.supersteps or ()],
    )
    exist_ok = body.if_exists == "do_nothing"
    return answer(shown(await services.threads.create(new, actor, exist_ok=exist_ok)))


@router.post("/search")
async def search(body: ThreadSearch, services: Serving) -> Response:
    found, total = await services.threads.search(
        body.filter(),
        sort=body.sort_by,
        descending=body.sort_order != "asc",
        limit=body.limit,
        offset=body.offset,
    )
    lines = []
    for one in found:
        whole = shown(one)
        told = {"extracted": extracted(whole, body.extract)} if body.extract else {}
        lines.append({**only(whole, body.select), **told})
    return answer(lines, headers=pages(body.limit, body.offset, total))


@router.post("/count")
async def count(body: ThreadFilter, services: Serving) -> int:
    return await services.threads.count(body.filter())


@router.post("/prune")
async def prune(body: Pruning, services: Serving, actor: Actor) -> dict[str, int]:
    keep = body.strategy == "keep_latest"
    return {"pruned_count": await services.threads.prune(body.thread_ids, actor, keep_latest=keep)}


@router.get("/{thread_id}")
async def get_thread(thread_id: str, services: Serving, include: str = "") -> Response:
    found = await services.threads.get(thread_id)
    return answer({**shown(found), **(_life(found) if "ttl" in include.split(",") else {})})


@router.patch("/{thread_id}")
async def patch(
    thread_id: str, body: ThreadPatch, services: Serving, prefer: Annotated[str, Header()] = ""
) -> Response:
    ttl_s = body.ttl.seconds() if body.ttl else None
    found = await services.threads.describe(thread_id, body.metadata, ttl_s=ttl_s)
    return Response(status_code=204) if "return=minimal" in prefer else answer(shown(found))


@router.delete("/{thread_id}", status_code=204)
async def delete(thread_id: str, services: Serving, actor: Actor) -> None:
    await services.threads.delete(thread_id, actor)


@router.post("/{thread_id}/copy")
async def copy(thread_id: str, services: Serving, actor: Actor) -> Response:
    return answer(shown(await services.threads.copy(thread_id, actor)))


@router.get("/{thread_id}/state")
@router.get("/{thread_id}/state/{checkpoint_id}")
async def get_state(
    thread_id: str,
    services: Serving,
    checkpoint_id: str | None = None,
    subgraphs: bool = False,
    select: Annotated[list[str] | None, Query()] = None,
) -> Response:
    place = Place(thread_id, checkpoint_id)
    return answer(only(await services.threads.states.get(place, subgraphs=subgraphs), select))


@router.post("/{thread_id}/state/checkpoint")
async def get_checkpoint(thread_id: str, body: StateAsk, services: Serving) -> Response:
    place = _place(thread_id, body.checkpoint)
    return answer(only(await services.threads.states.get(place, subgraphs=body.subgraphs), body.select))


@router.post("/{thread_id}/state")
async def update_state(thread_id: str, body: StateIn, services: Serving, actor: Actor) -> Response:
    place = _place(thread_id, body.checkpoint or CheckpointIn(checkpoint_id=body.checkpoint_id))
    changed = await services.threads.states.update(place, body.values, actor, node=body.as_node)
    return answer({"checkpoint": changed})


@router.post("/{thread_id}/history")
async def history(thread_id: str, body: HistoryAsk, services: Serving) -> Response:
    place = _place(thread_id, body.checkpoint or CheckpointIn())
    found = await services.threads.states.history(
        place, limit=body.limit, before=body.end(), metadata=body.metadata
    )
    return answer([only(state, body.select) for state in found])


@router.get("/{thread_id}/stream")
async def follow(
    thread_id: str,
    services: Serving,
    closing: Closing,
    modes: Annotated[list[Mode] | None, Query(alias="stream_mode")] = None,
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    return await followed(services, thread_id, last_event_id, modes or ["run_modes"], closing)


def shown(found: Standing) -> dict[str, Any]:
    """A thread as clients know it, with the graph and the assistant that it runs in its metadata."""
    thread = found.thread
    runs = {"graph_id": thread.graph, "assistant_id": found.assistant_id}
    return {
        "thread_id": thread.id,
        "created_at": thread.created_at,
        "updated_at": thread.updated_at,
        "state_updated_at": thread.updated_at,
        "metadata": {**thread.meta, **{name: id for name, id in runs.items() if id}},
        "config": {},
        "status": thread.status,
        "values": found.values,
        "interrupts": thread.interrupts,
    }


def _life(found: Standing) -> dict[str, Any]:
    thread = found.thread
    if thread.ttl_s is None:
        return {"ttl": None}
    expires = thread.updated_at + timedelta(seconds=thread.ttl_s)
    return {"ttl": {"strategy": "delete", "ttl_minutes": thread.ttl_s / 60, "expires_at": expires}}


def _place(thread_id: str, checkpoint: CheckpointIn) -> Place:
    if checkpoint.thread_id not in (None, thread_id):
        raise BadRequest(f"the checkpoint is one of thread {checkpoint.thread_id!r}, not of {thread_id!r}")
    return Place(thread_id, checkpoint.checkpoint_id, checkpoint.checkpoint_ns or "")
