"""The queue as a person reads it: one light row a review, whose pages cost the same anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from .db import TenantSession
from .models import Decision, Draft, Partnership, Review
from .reviews import Filter, Position, Sort, beyond, conditions, order

# Nobody reads how many more there are than this, and counting them all would cost more than the page.
COUNTED = 10_000


@dataclass(frozen=True)
class Row:
    """What the list shows of a review. risks: of its pair."""

    id: str
    status: str
    kind: str
    title: str
    lang: str
    score: float | None
    draft_version: int | None
    created_at: datetime
    escalated_at: datetime | None
    subject: str | None
    risks: list[dict[str, Any]] | None
    decision: str | None
    actor: str | None
    reason: str | None
    decided_at: datetime | None

    @property
    def position(self) -> Position:
        return Position(self.score, self.id)


_COLUMNS = (
    *(col(getattr(Review, name)) for name in ("id", "status", "kind", "title", "lang", "score")),
    *(col(getattr(Review, name)) for name in ("draft_version", "created_at", "escalated_at")),
    col(Draft.subject),
    col(Partnership.risks),
    col(Decision.type),
    col(Decision.actor),
    col(Decision.reason),
    col(Decision.decided_at),
)
_JOINED = (
    (Draft, col(Draft.id) == col(Review.draft_id)),
    (Partnership, col(Partnership.id) == col(Review.partnership_id)),
    (Decision, col(Decision.review_id) == col(Review.id)),
)


def rows(
    session: TenantSession, filter: Filter, sort: Sort, limit: int, after: Position | None = None
) -> Sequence[Row]:
    """As reviews.page, and no more of each than the list shows."""
    query = _rows().where(*conditions(session, filter)).limit(limit)
    if after is not None:
        query = query.where(beyond(sort, after))
    return [Row(*found) for found in session.execute(query.order_by(*order(sort)))]


def row(session: TenantSession, review_id: str) -> Row | None:
    found = session.execute(_rows().where(col(Review.id) == review_id)).first()
    return None if found is None else Row(*found)


def count(session: TenantSession, filter: Filter) -> int:
    """How many match, but at most COUNTED + 1."""
    some = select(col(Review.id)).where(*conditions(session, filter)).limit(COUNTED + 1).subquery()
    found: int = session.execute(select(func.count()).select_from(some)).scalar_one()
    return found


def fits(session: TenantSession, review_id: str, filter: Filter) -> bool:
    query = select(col(Review.id)).where(col(Review.id) == review_id, *conditions(session, filter))
    return session.execute(query).first() is not None


def matching(session: TenantSession, filter: Filter, limit: int) -> Sequence[tuple[str, int | None]]:
    """(id, draft version) of what matches, the newest first: what `all that match` means right now."""
    query = select(col(Review.id), col(Review.draft_version)).where(*conditions(session, filter))
    found = session.execute(query.order_by(*order("newest")).limit(limit))
    return [(id, version) for id, version in found]


def _rows() -> Any:
    query = select(*_COLUMNS).select_from(Review)
    for table, same in _JOINED:
        query = query.outerjoin(table, same)
    return query
