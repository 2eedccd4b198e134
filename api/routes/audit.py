"""The audit trail: who did what to what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.deps import Serving
from api.paging import cut, decode
from api.schemas.audit import AuditOut
from api.schemas.base import Items, Page
from memory import audit

router = APIRouter(prefix="/audit", tags=["audit"])


@router.get("", response_model=Page[AuditOut], summary="What happened, the newest first")
async def list_entries(
    services: Serving,
    actor: Annotated[str | None, Query(description="person:<login>, agent:<name> or system")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> dict[str, Any]:
    before = decode(cursor, str)
    rows = await services.memory.read(audit.page, limit=limit + 1, before=before, actor=actor)
    return cut(rows, limit, lambda entry: entry.id)


@router.get("/{subject_type}/{subject_id}", response_model=Items[AuditOut], summary="All about one thing")
async def list_of_subject(subject_type: str, subject_id: str, services: Serving) -> dict[str, Sequence[Any]]:
    """The oldest first."""
    return {"items": await services.memory.read(audit.entries, subject_type, subject_id)}
