"""What the models were asked and what that cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select

from .db import TenantSession
from .models import Usage


@dataclass(frozen=True)
class Total:
    """The calls of one agent to one provider; latency_ms is their mean."""

    provider: str
    agent: str
    calls: int
    tokens_in: int
    tokens_out: int
    cost_rub: float
    latency_ms: float


def record(session: TenantSession, usage: Usage) -> None:
    """Add one call; a call that is recorded already is not counted again."""
    if session.exec(select(Usage.id).where(Usage.id == usage.id)).first() is None:
        session.add(usage)
        session.flush()


def totals(session: TenantSession, since: datetime) -> Sequence[Total]:
    """Calls made at `since` or later, by provider and agent, the dearest first."""
    cost = func.sum(Usage.cost_rub)
    columns: list[Any] = [Usage.provider, Usage.agent, func.count()]
    columns += [func.sum(Usage.tokens_in), func.sum(Usage.tokens_out), cost, func.avg(Usage.latency_ms)]
    query = (
        select(*columns)
        .where(col(Usage.created_at) >= since)
        .group_by(col(Usage.provider), col(Usage.agent))
        .order_by(cost.desc(), col(Usage.provider), col(Usage.agent))
    )
    return [Total(*row) for row in session.exec(query)]
