"""Partnerships: the pairs, and how they ended."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.deps import Actor, Serving
from api.paging import cut, decode
from api.schemas.base import Page
from api.schemas.partnerships import OutcomeIn, PartnershipLine, PartnershipOut
from graphs.runtime.errors import NotFound
from memory import outcomes, partnerships
from memory.models import Partnership, PartnershipStatus
from memory.outcomes import PartnershipUnknown

router = APIRouter(prefix="/partnerships", tags=["partnerships"])


@router.get("", response_model=Page[PartnershipLine], summary="List partnerships, the best first")
async def list_partnerships(
    services: Serving,
    status: PartnershipStatus | None = None,
    min_score: Annotated[float | None, Query(ge=0, le=1)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> dict[str, Any]:
    """Unknown scores come last."""
    rows = await services.memory.read(
        partnerships.list_page,
        status=status,
        min_score=min_score,
        limit=limit + 1,
        after=decode(cursor, str),
    )
    return cut(rows, limit, lambda row: row.id)


@router.get("/{partnership_id}", response_model=PartnershipOut, summary="Look at a partnership")
async def get_partnership(partnership_id: str, services: Serving) -> Partnership:
    row = await services.memory.read(partnerships.get, partnership_id)
    if row is None:
        raise NotFound.of("partnership", partnership_id)
    return row


@router.post("/{partnership_id}/outcome", response_model=PartnershipOut, summary="Say how it ended")
async def record_outcome(
    partnership_id: str, body: OutcomeIn, services: Serving, actor: Actor
) -> Partnership:
    """Won or lost, and its value in roubles: what later forecasts learn from."""
    try:
        return await services.memory.write(
            outcomes.record_outcome, partnership_id, body.outcome, body.value_rub, actor, services.clock()
        )
    except PartnershipUnknown as error:
        raise NotFound.of("partnership", partnership_id) from error
