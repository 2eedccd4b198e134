"""What our own database says of a pair and keeps of its letter. Every function takes a session first."""

from __future__ import annotations

from dataclasses import replace

from agents.evidence import rows
from agents.evidence.record import NEWS, Record
from memory import drafts, usage
from memory.db import TenantSession
from memory.models import Draft, Usage

from .addressee import assign
from .state import OutreachState


def record_of(session: TenantSession, state: OutreachState) -> Record:
    """The pair on record, whoever gets the letter first."""
    ids = state["company_a_id"], state["company_b_id"]
    record = rows.record_of(session, ids, state.get("signal_ids", []))
    pair = assign(*record.pair, [it.signal for it in record.news])
    return replace(record, pair=pair, news=record.news[:NEWS])


def save(session: TenantSession, draft: Draft, record: Record, call: Usage | None) -> Draft:
    """Keep the letter, what it stands on and what it cost.

    The draft that is kept is the first one of its version: a repeated step changes nothing.
    """
    rows.keep(session, record, {id for claim in draft.claims for id in claim["evidence"]})
    if call is not None:
        usage.record(session, call)
    return drafts.add_draft(session, draft)
