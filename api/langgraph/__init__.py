"""The API that LangGraph's own clients speak, over the same services as the native one."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.params import Depends

from . import assistants, crons, meta, runs, store, threads
from .addresses import PREFIX

__all__ = ["PREFIX", "router"]


def router(dependencies: Sequence[Depends]) -> APIRouter:
    """Mounted at PREFIX, so that a request is held against the routes of its own API only; and so it is not
    in our OpenAPI: langgraph-sdk is what describes it. What is asked most comes first."""
    router = APIRouter(redirect_slashes=False, dependencies=dependencies)
    for module in (runs, threads, assistants, crons, store, meta):
        router.include_router(module.router)
    # LangGraph's clients append a Location, which is the whole path, to the address that they were given.
    for module in (runs, threads):
        router.include_router(module.router, prefix=PREFIX)
    return router
