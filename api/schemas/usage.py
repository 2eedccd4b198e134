"""What the models were asked and what that cost."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from .base import Row


class TotalOut(Row):
    """The calls of one agent to one provider; `latency_ms` is their mean."""

    provider: str
    agent: str
    calls: int
    tokens_in: int
    tokens_out: int
    cost_rub: float
    latency_ms: float


class UsageOut(BaseModel):
    since: datetime
    items: list[TotalOut]
