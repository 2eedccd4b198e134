"""Items that outlive threads, over LangGraph's store. Each tenant's stand under a root of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from langgraph.store.base import BaseStore
from langgraph.store.base import Item as Stored

from api.deps import Serving
from graphs.runtime.errors import BadRequest, NotFound
from graphs.runtime.services import Services
from memory.store import sweep

from .encoding import answer
from .schemas import Item, ItemIn, ItemSearch, NamespaceSearch

router = APIRouter(prefix="/store")


@router.put("/items", status_code=204)
async def put(body: ItemIn, services: Serving) -> None:
    place = _place(services, body.namespace)
    await services.store.aput(place, body.key, body.value, index=body.index, ttl=body.ttl)


@router.get("/items")
async def get_item(
    services: Serving,
    key: str,
    namespace: Annotated[str, Query(description="labels with dots between them")],
    refresh_ttl: bool | None = None,
) -> Response:
    place = _place(services, namespace.split("."))
    found = await (await _living(services.store)).aget(place, key, refresh_ttl=refresh_ttl)
    if found is None:
        raise NotFound.of("item", f"{namespace}/{key}")
    return answer(_shown(found))


@router.delete("/items", status_code=204)
async def delete(body: Item, services: Serving) -> None:
    await services.store.adelete(_place(services, body.namespace), body.key)


@router.post("/items/search")
async def search(body: ItemSearch, services: Serving) -> Response:
    if body.query and not getattr(services.store, "index_config", None):
        raise BadRequest("this store cannot search by meaning: leave out `query`, use `filter`")
    try:
        found = await (await _living(services.store)).asearch(
            _place(services, body.namespace_prefix, whole=False),
            query=body.query,
            filter=body.filter or None,
            limit=body.limit,
            offset=body.offset,
            refresh_ttl=body.refresh_ttl,
        )
    except ValueError as error:
        raise BadRequest(f"filter: {error}") from error
    return answer({"items": [{**_shown(item), "score": item.score} for item in found]})


@router.post("/namespaces")
async def namespaces(body: NamespaceSearch, services: Serving) -> Response:
    found = await (await _living(services.store)).alist_namespaces(
        prefix=_place(services, body.prefix or (), whole=False),
        suffix=tuple(_checked(body.suffix or ())) or None,
        max_depth=None if body.max_depth is None else body.max_depth + 1,
        limit=body.limit,
        offset=body.offset,
    )
    return answer({"namespaces": [place[1:] for place in found]})


def _place(services: Services, labels: Sequence[str], *, whole: bool = True) -> tuple[str, ...]:
    """Where the tenant's labels stand in the store. Errors: BadRequest for labels that cannot be kept."""
    if whole and not labels:
        raise BadRequest("a namespace has one label at least")
    tenant = quote(services.memory.tenant, safe="").replace(".", "%2E")
    return (f"tenant:{tenant}", *_checked(labels))


def _checked(labels: Sequence[str]) -> Sequence[str]:
    for label in labels:
        if not label or "." in label or "\0" in label:
            raise BadRequest(f"{label!r} is no label of a namespace: it is empty or has a dot")
    return labels


async def _living(store: BaseStore) -> BaseStore:
    """The store without what has outlived its time."""
    await sweep(store)
    return store


def _shown(item: Stored) -> dict[str, Any]:
    return {
        "namespace": item.namespace[1:],
        "key": item.key,
        "value": item.value,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
    }
