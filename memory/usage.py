"""What the models were asked and what that cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal

from sqlalchemy import BigInteger, Numeric, literal_column
from sqlmodel import and_, case, cast, col, extract, func, select

from .db import TenantSession
from .models import Usage
from .rows import insert_missing

Dimension = Literal["day", "provider", "model", "agent"]
DIMENSIONS: tuple[Dimension, ...] = ("day", "provider", "model", "agent")

# The outcomes of a call that was answered, and of one that we did not wait for: that is nobody's failure.
ANSWERED = ("ok", "truncated")
GIVEN_UP = "given_up"
# Databases know no zones alike, so they sum by slots of time. A day of any zone is whole slots: every zone
# is a multiple of a quarter of an hour away from UTC. As SQL, for a parameter is another one in each clause.
_SLOT_S: Any = literal_column("900")


@dataclass(frozen=True)
class Total:
    """Calls that have these in common; None: they were not told apart by it.

    failures: calls that brought no answer, without those that were given up; fallbacks: calls answered by
    another model than the question was put to first; latency_ms: mean of the answered ones, None when
    nothing was answered.
    """

    provider: str | None
    agent: str | None
    calls: int
    tokens_in: int
    tokens_out: int
    cost_rub: float
    latency_ms: float | None
    day: str | None = None
    model: str | None = None
    failures: int = 0
    fallbacks: int = 0


def record(session: TenantSession, *calls: Usage) -> None:
    """Add calls; one that is recorded already is not counted again."""
    insert_missing(session, Usage, [call.model_dump() for call in calls])


def totals(
    session: TenantSession,
    since: datetime,
    by: Collection[Dimension] = ("provider", "agent"),
    zone: tzinfo = UTC,
) -> Sequence[Total]:
    """Calls made at `since` or later, by what is wanted; days are those of the zone.

    The newest day first, in it the dearest.
    """
    apart = [name for name in DIMENSIONS if name in by]
    sums: defaultdict[tuple[str, ...], _Sums] = defaultdict(_Sums)
    for row in session.exec(_query(since, apart, _slot(session))):
        key = dict(zip(apart, row, strict=False))
        if "day" in key:
            key["day"] = _day(key["day"], zone)
        sums[tuple(key.values())].add(_Sums(*row[len(apart) :]))
    found = [each.total(dict(zip(apart, key, strict=True))) for key, each in sums.items() if each.calls]
    found.sort(key=lambda it: (-it.cost_rub, it.provider or "", it.model or "", it.agent or ""))
    return sorted(found, key=lambda it: it.day or "", reverse=True)


@dataclass
class _Sums:
    calls: int = 0
    answered: int = 0
    failures: int = 0
    fallbacks: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_rub: float = 0.0
    answered_ms: float = 0.0

    def add(self, other: _Sums) -> None:
        for field in fields(self):
            # No calls at all have no sums.
            setattr(self, field.name, getattr(self, field.name) + (getattr(other, field.name) or 0))

    def total(self, key: Mapping[str, str]) -> Total:
        return Total(
            provider=key.get("provider"),
            agent=key.get("agent"),
            calls=self.calls,
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
            cost_rub=self.cost_rub,
            latency_ms=self.answered_ms / self.answered if self.answered else None,
            day=key.get("day"),
            model=key.get("model"),
            failures=self.failures,
            fallbacks=self.fallbacks,
        )


def _query(since: datetime, apart: Sequence[str], slot: Any) -> Any:
    answered = col(Usage.outcome).in_(ANSWERED)
    failed = col(Usage.outcome).not_in((*ANSWERED, GIVEN_UP))
    another = and_(answered, col(Usage.attempt) > 1)
    key: list[Any] = [slot if name == "day" else getattr(Usage, name) for name in apart]
    sums: list[Any] = [
        func.count(),
        func.sum(case((answered, 1), else_=0)),
        func.sum(case((failed, 1), else_=0)),
        func.sum(case((another, 1), else_=0)),
        func.sum(Usage.tokens_in),
        func.sum(Usage.tokens_out),
        func.sum(Usage.cost_rub),
        func.sum(case((answered, Usage.latency_ms), else_=0.0)),
    ]
    return select(*key, *sums).where(col(Usage.created_at) >= since).group_by(*key)


def _slot(session: TenantSession) -> Any:
    """Seconds of the Unix clock at which the call's slot began."""
    at: Any = Usage.created_at
    if session.connection().dialect.name == "sqlite":
        # It rounds to milliseconds, over midnight too: so it is given whole seconds.
        at = func.substr(at, 1, len("2026-11-20 12:00:00"))
    seconds = cast(extract("epoch", at), Numeric)
    return cast(seconds - seconds % _SLOT_S, BigInteger)


def _day(slot: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(slot, zone).date().isoformat()
