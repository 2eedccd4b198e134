"""How partnerships ended, and what was known of each when its letter was decided on.

A forecast may learn only from what it will itself know. So a case is seen as of the decision about the
letter, closed or not: what happened after that moment is no part of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col, select

from . import audit, partnerships
from .db import TenantSession
from .ids import derived
from .models import Decision, Outcome, Partnership, PartnershipStatus, Review, ReviewKind, Signal

T = TypeVar("T")

_STATUS = {Outcome.WON: PartnershipStatus.ACTIVE, Outcome.LOST: PartnershipStatus.REJECTED}


class PartnershipUnknown(LookupError):
    """No partnership has this id: list them to see their ids."""


@dataclass(frozen=True)
class Case:
    """A partnership as of the decision about its letter (as of its creation when nobody decided).

    factors: {name: 0..1 | None}; signals: (type, age in days) of what sources had said of either
    company; rounds: decisions made so far, rewrites included; days: from creation to the decision,
    None when nobody decided; won: None while it is open.
    """

    partnership_id: str
    score: float | None
    confidence: float
    factors: Mapping[str, float | None]
    method: str
    signals: Sequence[tuple[str, float]]
    rounds: int
    days: float | None
    won: bool | None


@dataclass(frozen=True)
class Stamp:
    """Changes whenever the closed outcomes do."""

    closed: int
    last: datetime | None


def record_outcome(
    session: TenantSession,
    partnership_id: str,
    outcome: Outcome,
    value_rub: int | None,
    actor: str,
    now: datetime,
) -> Partnership:
    """Close a partnership as won (it is active then) or lost (rejected). A repeat changes nothing.

    value_rub: roubles, or None for unknown. actor: person:<name> or agent:<name>. Errors: PartnershipUnknown.
    """
    row = _existing(session, partnership_id)
    if (row.outcome, row.value_rub) == (outcome, value_rub):
        return row
    partnerships.set_status(session, partnership_id, _STATUS[outcome], row.status_reason, now)
    row.outcome, row.value_rub, row.closed_at = outcome, value_rub, now
    audit.record(
        session,
        id=derived("outcome", session.info["tenant"], partnership_id, outcome, now.isoformat()),
        actor=actor,
        action=f"partnership.{outcome}",
        subject_type="partnership",
        subject_id=partnership_id,
        detail={"value_rub": value_rub},
        now=now,
    )
    return row


def stamp(session: TenantSession) -> Stamp:
    closed, last = session.exec(
        select(func.count(), func.max(Partnership.closed_at)).where(col(Partnership.outcome).is_not(None))
    ).one()
    return Stamp(closed, last)


def closed(session: TenantSession) -> list[Case]:
    """The cases to learn from, the first closed first."""
    return _cases(session, col(Partnership.outcome).is_not(None))


def case(session: TenantSession, partnership_id: str) -> Case:
    """One partnership as a case. Errors: PartnershipUnknown."""
    _existing(session, partnership_id)
    return _cases(session, col(Partnership.id) == partnership_id)[0]


def last_decision(session: TenantSession, thread_id: str) -> Decision | None:
    """What a person last decided about the thread's letter."""
    query = select(Decision).join(Review, col(Review.id) == col(Decision.review_id))
    of_thread = (Review.thread_id == thread_id, Review.kind == ReviewKind.OUTREACH)
    return session.exec(query.where(*of_thread).order_by(col(Decision.decided_at).desc()).limit(1)).first()


def _cases(session: TenantSession, which: ColumnElement[bool]) -> list[Case]:
    order = (col(Partnership.closed_at), col(Partnership.id))
    rows = session.exec(select(Partnership).where(which).order_by(*order)).all()
    decided, said = _decisions(session, which), _signals(session, which)
    return [_case(row, decided.get(row.id, []), said.get(row.id, [])) for row in rows]


def _case(row: Partnership, decided: Sequence[datetime], said: Sequence[Signal]) -> Case:
    before = [at for at in decided if row.closed_at is None or at <= row.closed_at]
    as_of = max(before, default=row.created_at)
    return Case(
        partnership_id=row.id,
        score=row.score,
        confidence=row.confidence,
        factors={factor["name"]: factor["value"] for factor in row.factors},
        method=row.method,
        signals=tuple((signal.type, _age(signal, as_of)) for signal in said if signal.created_at <= as_of),
        rounds=len(before),
        days=_days(as_of, row.created_at) if before else None,
        won=None if row.outcome is None else row.outcome == Outcome.WON,
    )


def _decisions(session: TenantSession, which: ColumnElement[bool]) -> dict[str, list[datetime]]:
    query = (
        select(Partnership.id, Decision.decided_at)
        .join(Review, col(Review.partnership_id) == col(Partnership.id))
        .join(Decision, col(Decision.review_id) == col(Review.id))
        .where(which, Review.kind == ReviewKind.OUTREACH)
    )
    return _grouped(session.exec(query))


def _signals(session: TenantSession, which: ColumnElement[bool]) -> dict[str, list[Signal]]:
    company = col(Signal.company_id)
    of_either = or_(company == col(Partnership.company_a_id), company == col(Partnership.company_b_id))
    query = select(Partnership.id, Signal).join(Signal, of_either).where(which)
    return _grouped(session.exec(query.order_by(col(Signal.id))))


def _existing(session: TenantSession, partnership_id: str) -> Partnership:
    if (row := partnerships.get(session, partnership_id)) is None:
        raise PartnershipUnknown(f"there is no partnership {partnership_id}")
    return row


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


def _days(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds() / 86_400


def _age(signal: Signal, now: datetime) -> float:
    """Days since it happened, or since we learned of it when the source does not say."""
    if signal.happened_on is None:
        return _days(now, signal.created_at)
    return max(0.0, float((now.date() - signal.happened_on).days))
