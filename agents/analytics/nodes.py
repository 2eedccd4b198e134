"""The last node of a pair: what became of the decision, and how likely a deal now is."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from langgraph.runtime import Runtime

from agents.context import Context
from memory import audit, outcomes, partnerships
from memory.db import TenantSession
from memory.ids import derived

from .features import features
from .fitted import fitted
from .model import Forecast, forecast
from .state import AnalyticsState


async def analytics(state: AnalyticsState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Record the decision's outcome and the forecast: a probability, or unknown with the reason why."""
    ctx, pair = runtime.context, state["partnership_id"]
    model, closed = await fitted(ctx.memory)
    seen = await ctx.memory.read(outcomes.case, pair)
    told = forecast(model, features(seen), closed=closed)
    await ctx.memory.write(_record, pair, state["thread_id"], told, ctx.clock())
    return {"probability": told.probability, "probability_reason": told.reason}


def _record(session: TenantSession, pair: str, thread: str, told: Forecast, now: datetime) -> None:
    row, decision = partnerships.get(session, pair), outcomes.last_decision(session, thread)
    assert row is not None
    if row.probability != told.probability:
        row.probability, row.updated_at = told.probability, now
    audit.record(
        session,
        id=derived("decision.outcome", session.info["tenant"], thread),
        actor="agent:analytics",
        action="decision.outcome",
        subject_type="partnership",
        subject_id=pair,
        detail={
            "decision": decision and decision.type,
            "by": decision and decision.actor,
            "reason": decision and (decision.message or decision.reason),
            "status": row.status,
            "score": row.score,
            "forecast": asdict(told),
        },
        now=now,
    )
