"""Usage: what the models were asked and what that cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.deps import Serving
from api.schemas.usage import UsageOut
from memory import usage
from memory.usage import Dimension

DEFAULT_SPAN = timedelta(days=30)
BY: list[Dimension] = ["provider", "agent"]

router = APIRouter(prefix="/usage", tags=["usage"])


@router.get("", response_model=UsageOut, summary="Calls, failures, fallbacks, tokens and cost")
async def totals(
    services: Serving,
    since: AwareDatetime | None = None,
    by: Annotated[list[Dimension], Query(description="what calls are told apart by")] = BY,
) -> dict[str, Any]:
    """The newest day first, in it the dearest; of the last 30 days unless `since` says otherwise. A day is
    one of the time zone that Artel works in."""
    start = since or services.clock() - DEFAULT_SPAN
    zone = ZoneInfo(services.settings.timezone)
    return {"since": start, "items": await services.memory.read(usage.totals, start, by, zone)}
