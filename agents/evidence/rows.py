"""What our own database says of a pair. Every function takes a session first."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import col, select

from memory import companies, provenance, signals
from memory.db import TenantSession
from memory.models import Company, Evidence
from memory.names import name_key
from memory.rows import insert_missing

from .record import News, Record, freshest_first


def record_of(session: TenantSession, ids: tuple[str, str], signal_ids: Sequence[str]) -> Record:
    """The two companies, where their rows came from, and the news of them that made the pair worth a look."""
    a, b = companies.by_ids(session, ids)
    told = [field for company in (a, b) for field in provenance.provenance(session, company.id)]
    return Record((a, b), freshest_first(events_of(session, ids, signal_ids)), told)


def events_of(session: TenantSession, ids: Collection[str], signal_ids: Sequence[str]) -> list[News]:
    """The signals among these that are about any of the companies `ids`, with what shows them."""
    found = signals.signals_by_ids(session, signal_ids)
    about = [it for it in found if {it.company_id, it.object_company_id} & set(ids)]
    shown = {it.id: it for it in signals.evidence_by_ids(session, [it.evidence_id for it in about])}
    return [News(it, shown[it.evidence_id]) for it in about]


def companies_named(session: TenantSession, words: Collection[str]) -> frozenset[str]:
    """Those of `words` that are the name of a company we know."""
    keys = {name_key(word) for word in words}
    named = session.exec(select(Company.name).where(col(Company.name_key).in_(keys)))
    return frozenset(named)


def keep(session: TenantSession, record: Record, cited: Collection[str]) -> None:
    """Evidence rows for what is cited of fields whose source left no quotation."""
    insert_missing(session, Evidence, [it.model_dump() for it in record.unquoted(cited)])
