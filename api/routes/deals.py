"""Deals: the pipeline that stands in for a CRM."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.deps import Serving
from api.schemas.base import Items
from api.schemas.deals import DealOut
from memory import pipeline
from memory.pipeline import Stage

router = APIRouter(prefix="/deals", tags=["deals"])


@router.get("", response_model=Items[DealOut], summary="List deals, the last changed first")
async def list_deals(
    services: Serving, stage: Stage | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> dict[str, Any]:
    return {"items": await services.memory.read(pipeline.list_deals, stage=stage, limit=limit)}
