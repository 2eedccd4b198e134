"""The API that LangGraph's own clients speak, over the same services as the native one."""

from __future__ import annotations

from fastapi import APIRouter

from . import assistants, crons, meta, runs, store, threads
from .addresses import PREFIX

__all__ = ["PREFIX", "router"]

# Not in our OpenAPI: langgraph-sdk is what describes it.
router = APIRouter(prefix=PREFIX, include_in_schema=False)
for module in (meta, assistants, threads, runs, crons, store):
    router.include_router(module.router)
# LangGraph's clients append a Location, which is the whole path, to the address that they were given.
router.include_router(runs.router, prefix=PREFIX)
