"""What our own database says of a deal: what it should hold, where the last sync ended, what follows."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from memory import audit, companies, drafts, outcomes, partnerships
from memory.db import TenantSession
from memory.ids import derived
from memory.models import DecisionType, Outcome
from memory.pipeline import Stage

from .conflict import Fields, Synced, settle
from .mapping import STATUS_OF_STAGE, deal_fields

_SYNCED = "crm.synced"
_OUTCOME_OF_STAGE = {Stage.WON: Outcome.WON, Stage.LOST: Outcome.LOST}


def wanted(session: TenantSession, pair: str, thread: str) -> dict[str, Any]:
    """The deal as this thread would have it: its letter was let go, or it would not be here."""
    partnership, draft = partnerships.get(session, pair), drafts.approved_draft(session, thread)
    decision = outcomes.last_decision(session, thread)
    assert partnership is not None
    assert draft is not None
    assert decision is not None
    ids = (partnership.company_a_id, partnership.company_b_id)
    named = {company.id: company for company in companies.by_ids(session, ids)}
    return deal_fields(
        partnership, *(named[id] for id in ids), decision=DecisionType(decision.type), subject=draft.subject
    )


def last_sync(session: TenantSession, pair: str) -> Synced | None:
    """Where the last sync of the pair's deal ended, or nothing before the first."""
    synced = [entry.detail for entry in audit.entries(session, "deal", pair) if entry.action == _SYNCED]
    return Synced(**synced[-1]) if synced else None


def remember(
    session: TenantSession, pair: str, key: str, wanted: Fields, deal: Fields, now: datetime
) -> None:
    """Put the end of a sync on record; a repeat of the same effect changes nothing."""
    audit.record(
        session,
        id=derived(_SYNCED, session.info["tenant"], key),
        actor="agent:crm_sync",
        action=_SYNCED,
        subject_type="deal",
        subject_id=pair,
        detail=asdict(settle(last_sync(session, pair), wanted, deal)),
        now=now,
    )


def follow(session: TenantSession, pair: str, deal: dict[str, Any], now: datetime) -> None:
    """A person moved the deal: the partnership goes along, unless its outcome is known already."""
    stage = Stage(deal["stage"])
    row = partnerships.get(session, pair)
    assert row is not None
    if row.outcome is not None:
        return
    if outcome := _OUTCOME_OF_STAGE.get(stage):
        outcomes.record_outcome(session, pair, outcome, deal["value_rub"], "agent:crm_sync", now)
    else:
        partnerships.set_status(session, pair, STATUS_OF_STAGE[stage], row.status_reason, now)
