"""Assistants on the wire. A graph's name may stand wherever an assistant's id does."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.deps import Actor, Serving
from graphs.runtime.assistants import NewAssistant
from memory.models import Assistant, AssistantVersion

from . import drawing
from .encoding import answer
from .paging import pages
from .schemas import (
    AssistantFilter,
    AssistantIn,
    AssistantPatch,
    AssistantSearch,
    VersionChoice,
    VersionSearch,
    only,
)

router = APIRouter(prefix="/assistants")


@router.post("")
async def create(body: AssistantIn, services: Serving, actor: Actor) -> Response:
    new = NewAssistant(
        graph=body.graph_id,
        id=body.assistant_id,
        name=body.name,
        description=body.description,
        config=body.config,
        context=body.context,
        metadata=body.metadata,
    )
    exist_ok = body.if_exists == "do_nothing"
    return answer(_shown(await services.assistants.create(new, actor, exist_ok=exist_ok)))


@router.post("/search")
async def search(body: AssistantSearch, services: Serving) -> Response:
    found, total = await services.assistants.search(
        body.filter(),
        sort=body.sort_by,
        descending=body.sort_order != "asc",
        limit=body.limit,
        offset=body.offset,
    )
    shown = [only(_shown(one), body.select) for one in found]
    return answer(shown, headers=pages(body.limit, body.offset, total))


@router.post("/count")
async def count(body: AssistantFilter, services: Serving) -> int:
    return await services.assistants.count(body.filter())


@router.get("/{assistant_id}")
async def get_assistant(assistant_id: str, services: Serving) -> Response:
    return answer(_shown(await services.assistants.get(assistant_id)))


@router.patch("/{assistant_id}")
async def patch(assistant_id: str, body: AssistantPatch, services: Serving, actor: Actor) -> Response:
    return answer(_shown(await services.assistants.update(assistant_id, body.changes(), actor)))


@router.delete("/{assistant_id}", status_code=204)
async def delete(assistant_id: str, services: Serving, actor: Actor, delete_threads: bool = False) -> None:
    if delete_threads:
        await services.threads.delete_of(await services.assistants.deletable(assistant_id), actor)
    await services.assistants.delete(assistant_id, actor)


@router.get("/{assistant_id}/graph")
async def get_graph(
    assistant_id: str,
    services: Serving,
    xray: Annotated[int | bool, Query(union_mode="left_to_right")] = False,
) -> Response:
    graph = await services.assistants.graph(assistant_id)
    return answer((await graph.aget_graph(xray=xray)).to_json())


@router.get("/{assistant_id}/schemas")
async def get_schemas(assistant_id: str, services: Serving) -> Response:
    assistant = await services.assistants.get(assistant_id)
    graph = await services.assistants.graph(assistant_id)
    return answer(drawing.schemas(assistant.graph, graph))


@router.get("/{assistant_id}/subgraphs")
@router.get("/{assistant_id}/subgraphs/{namespace}")
async def get_subgraphs(
    assistant_id: str, services: Serving, namespace: str | None = None, recurse: bool = False
) -> Response:
    graph = await services.assistants.graph(assistant_id)
    found = graph.aget_subgraphs(namespace=namespace, recurse=recurse)
    return answer({name: drawing.schemas(name, inner) async for name, inner in found})


@router.post("/{assistant_id}/versions")
async def versions(assistant_id: str, body: VersionSearch, services: Serving) -> Response:
    found = await services.assistants.versions(
        assistant_id, metadata=body.metadata, limit=body.limit, offset=body.offset
    )
    return answer([_version(one) for one in found])


@router.post("/{assistant_id}/latest")
async def use(assistant_id: str, body: VersionChoice, services: Serving, actor: Actor) -> Response:
    return answer(_shown(await services.assistants.use(assistant_id, body.version, actor)))


def _shown(assistant: Assistant) -> dict[str, Any]:
    return {**_of(assistant, assistant.id), "updated_at": assistant.updated_at}


def _version(kept: AssistantVersion) -> dict[str, Any]:
    return _of(kept, kept.assistant_id)


def _of(row: Assistant | AssistantVersion, assistant_id: str) -> dict[str, Any]:
    return {
        "assistant_id": assistant_id,
        "graph_id": row.graph,
        "name": row.name,
        "description": row.description,
        "config": row.config,
        "context": row.context,
        "metadata": row.meta,
        "version": row.version,
        "created_at": row.created_at,
    }
