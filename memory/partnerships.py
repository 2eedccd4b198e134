"""Partnerships in the database: one row an unordered pair, the smaller company id first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import load_only
from sqlmodel import col, select

from .db import TenantSession
from .ids import derived
from .models import Company, Partnership, PartnershipStatus, Review, ReviewStatus, Signal, SignalType
from .rows import insert_missing

# What an article can say of two companies that already belong together.
TOGETHER = (SignalType.INTEGRATION, SignalType.PARTNERSHIP, SignalType.ACQUISITION)
# Nulls are put last by a number, so that SQLite and PostgreSQL order and compare them alike.
_rank = func.coalesce(Partnership.score, -1.0)


@dataclass(frozen=True)
class Scored:
    """What compatibility worked out for a pair: company_a_id < company_b_id; score 0..1, None for unknown;
    risks, judged: see Partnership.
    """

    company_a_id: str
    company_b_id: str
    score: float | None
    confidence: float
    factors: list[dict[str, Any]]
    reasons: list[str]
    synergy_areas: list[str]
    method: str
    risks: Sequence[Mapping[str, object]] = field(default_factory=list)
    judged: Sequence[Mapping[str, object]] = field(default_factory=list)


@dataclass(frozen=True)
class Listing:
    """As much of a company as says what it is and what it connects to."""

    id: str
    name: str
    name_key: str
    industry: str | None
    description: str | None
    integrations: tuple[str, ...]


def upsert_scored(session: TenantSession, scored: Scored, now: datetime) -> Partnership:
    """The pair's row with this score. How far the pair has come (status, outcome) is left as it is."""
    values = asdict(scored)
    fresh = Partnership(
        id=row_id(scored.company_a_id, scored.company_b_id), created_at=now, updated_at=now, **values
    )
    insert_missing(session, Partnership, [fresh.model_dump()])
    row = by_pair(session, scored.company_a_id, scored.company_b_id)
    assert row is not None, "it was there or has just been inserted"
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.updated_at = now
    session.flush()
    return row


def row_id(a: str, b: str) -> str:
    """The id of the pair's row, the same however often it is made."""
    return derived("partnership-row", *sorted((a, b)))


def get(session: TenantSession, partnership_id: str) -> Partnership | None:
    return session.exec(select(Partnership).where(Partnership.id == partnership_id)).first()


def by_pair(session: TenantSession, a: str, b: str) -> Partnership | None:
    first, second = sorted((a, b))
    pair = (Partnership.company_a_id == first, Partnership.company_b_id == second)
    return session.exec(select(Partnership).where(*pair)).first()


def list_page(
    session: TenantSession,
    *,
    status: str | None = None,
    min_score: float | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Sequence[Partnership]:
    """The best first, unknown scores last; `after` is the id of the last row of the page before."""
    query = select(Partnership).order_by(_rank.desc(), col(Partnership.id)).limit(limit)
    if status is not None:
        query = query.where(Partnership.status == status)
    if min_score is not None:
        query = query.where(col(Partnership.score) >= min_score)
    if after is not None and (last := get(session, after)) is not None:
        query = query.where(_beyond(last))
    return session.exec(query).all()


def set_status(
    session: TenantSession, partnership_id: str, status: str, reason: str | None, now: datetime
) -> Partnership | None:
    """The row in its new status with the reason for it; None when there is no such partnership."""
    row = get(session, partnership_id)
    if row is not None and (row.status, row.status_reason) != (status, reason):
        row.status, row.status_reason, row.updated_at = status, reason, now
        session.flush()
    return row


def taken_pairs(session: TenantSession) -> set[tuple[str, str]]:
    """Pairs not to be proposed now: past the suggestion, or with a proposal that waits for a decision."""
    waiting = select(Review.partnership_id).where(Review.status == ReviewStatus.PENDING)
    taken = or_(col(Partnership.status) != PartnershipStatus.SUGGESTED, col(Partnership.id).in_(waiting))
    return _pairs(session.exec(select(Partnership.company_a_id, Partnership.company_b_id).where(taken)))


def announced_pairs(session: TenantSession) -> set[tuple[str, str]]:
    """Pairs that an article calls integrated, partners, or one owned by the other."""
    query = select(Signal.company_id, Signal.object_company_id).where(
        col(Signal.type).in_(TOGETHER), col(Signal.object_company_id).is_not(None)
    )
    return _pairs(session.exec(query))


def listings(session: TenantSession) -> tuple[Listing, ...]:
    """Every company that is not deleted, by id."""
    told = ("id", "name", "name_key", "industry", "description", "integrations")
    query = select(Company).options(load_only(*(getattr(Company, name) for name in told)))
    rows = session.exec(query.where(col(Company.deleted_at).is_(None)).order_by(col(Company.id)))
    return tuple(
        Listing(it.id, it.name, it.name_key, it.industry, it.description, tuple(it.integrations))
        for it in rows
    )


def _beyond(last: Partnership) -> ColumnElement[bool]:
    score = -1.0 if last.score is None else last.score
    return or_(_rank < score, and_(_rank == score, col(Partnership.id) > last.id))


def _pairs(rows: Iterable[tuple[str, str | None]]) -> set[tuple[str, str]]:
    return {(min(a, b), max(a, b)) for a, b in rows if b is not None and a != b}
