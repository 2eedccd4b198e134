"""What this server is, as LangGraph's clients ask it."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter

router = APIRouter()

_FLAGS = {
    "assistants": True,
    "crons": True,
    "langsmith": False,
    "langsmith_tracing_replicas": False,
    # An answer to what is not asked is always refused, also when the client does not ask for that.
    "strict_resume": True,
}


@router.get("/ok")
async def ok() -> dict[str, bool]:
    return {"ok": True}


@router.get("/info")
async def info() -> dict[str, Any]:
    return {
        "version": version("artel"),
        "langgraph_py_version": version("langgraph"),
        "flags": _FLAGS,
        "host": {"kind": "self-hosted"},
    }
