"""Usage: what the models were asked and what that cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime

from api.deps import Serving
from api.schemas.usage import UsageOut
from memory import usage

DEFAULT_SPAN = timedelta(days=30)

router = APIRouter(prefix="/usage", tags=["usage"])


@router.get("", response_model=UsageOut, summary="Calls, tokens and cost, by provider and agent")
async def totals(services: Serving, since: AwareDatetime | None = None) -> dict[str, Any]:
    """The dearest first; of the last 30 days unless `since` says otherwise."""
    start = since or services.clock() - DEFAULT_SPAN
    return {"since": start, "items": await services.memory.read(usage.totals, start)}
