"""All that is known of one company: its fields with their sources, its news, its partnerships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_
from sqlmodel import col, select

from . import companies, provenance, signals
from .db import TenantSession
from .models import Company, CompanyField, Evidence, Partnership, Signal

# The newest signals and the best partnerships that are shown: a large company may have thousands.
SHOWN = 100


@dataclass(frozen=True)
class Dossier:
    """`others` are the companies across its partnerships, `evidence` is what all of it cites; both by id."""

    company: Company
    fields: Sequence[CompanyField]
    signals: Sequence[Signal]
    partnerships: Sequence[Partnership]
    others: Mapping[str, Company]
    evidence: Mapping[str, Evidence]


def of_company(session: TenantSession, company_id: str) -> Dossier | None:
    """The company's dossier, or None when there is no such company."""
    company = companies.get(session, company_id)
    if company is None:
        return None
    fields = provenance.provenance(session, company_id)
    news = signals.signals_of(session, [company_id])[:SHOWN]
    pairs = _partnerships(session, company_id)
    sides = [id for pair in pairs for id in (pair.company_a_id, pair.company_b_id) if id != company_id]
    cited = [*(field.evidence_id for field in fields), *(signal.evidence_id for signal in news)]
    evidence = signals.evidence_by_ids(session, [id for id in cited if id is not None])
    return Dossier(
        company=company,
        fields=fields,
        signals=news,
        partnerships=pairs,
        others={other.id: other for other in companies.by_ids(session, sides)},
        evidence={piece.id: piece for piece in evidence},
    )


def _partnerships(session: TenantSession, company_id: str) -> Sequence[Partnership]:
    """The best first, unknown scores last."""
    of_it = or_(col(Partnership.company_a_id) == company_id, col(Partnership.company_b_id) == company_id)
    query = select(Partnership).where(of_it).order_by(col(Partnership.score).desc().nulls_last())
    return session.exec(query.order_by(col(Partnership.id)).limit(SHOWN)).all()
