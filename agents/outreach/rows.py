"""What our own database says of a pair and keeps of its letter. Every function takes a session first."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import col, select

from memory import companies, drafts, provenance, signals, usage
from memory.db import TenantSession
from memory.models import Company, Draft, Evidence, Usage
from memory.names import name_key
from memory.rows import insert_missing

from .addressee import assign
from .record import News, Record, freshest_first
from .state import OutreachState

# More of it makes no letter better.
NEWS = 5


def record_of(session: TenantSession, state: OutreachState) -> Record:
    """The two companies, where their rows came from, and the news of them that made the pair worth a look."""
    a, b = companies.by_ids(session, [state["company_a_id"], state["company_b_id"]])
    told = [field for company in (a, b) for field in provenance.provenance(session, company.id)]
    news = freshest_first(
        [it for it in _news(session, state.get("signal_ids", [])) if it.about({a.id, b.id})]
    )
    return Record(assign(a, b, [it.signal for it in news]), news[:NEWS], told)


def companies_named(session: TenantSession, words: Collection[str]) -> frozenset[str]:
    """Those of `words` that are the name of a company we know."""
    keys = {name_key(word) for word in words}
    named = session.exec(select(Company.name).where(col(Company.name_key).in_(keys)))
    return frozenset(named)


def save(session: TenantSession, draft: Draft, record: Record, call: Usage | None) -> Draft:
    """Keep the letter, what it stands on and what it cost.

    The draft that is kept is the first one of its version: a repeated step changes nothing.
    """
    cited = {id for claim in draft.claims for id in claim["evidence"]}
    insert_missing(session, Evidence, [it.model_dump() for it in record.unquoted(cited)])
    if call is not None:
        usage.record(session, call)
    return drafts.add_draft(session, draft)


def _news(session: TenantSession, signal_ids: Sequence[str]) -> list[News]:
    found = signals.signals_by_ids(session, signal_ids)
    evidence = {it.id: it for it in signals.evidence_by_ids(session, [it.evidence_id for it in found])}
    return [News(it, evidence[it.evidence_id]) for it in found]
