"""What the models were asked and what that cost."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from .base import Row


class TotalOut(Row):
    """Calls that have these in common; null: they were not told apart by it.

    `failures`: calls that brought no answer, without those that were given up because another model was
    faster. `fallbacks`: calls answered by another model than the question was put to first. `latency_ms`: the
    mean of the answered ones, null when none was.
    """

    day: date | None
    provider: str | None
    model: str | None
    agent: str | None
    calls: int
    failures: int
    fallbacks: int
    tokens_in: int
    tokens_out: int
    cost_rub: float
    latency_ms: float | None


class UsageOut(BaseModel):
    since: datetime
    items: list[TotalOut]
