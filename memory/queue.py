"""The queue as a person reads it: one light row a review, whose pages cost the same anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import FromClause, Select, and_, bindparam, false, or_, select
from sqlmodel import SQLModel

from . import search
from .db import TenantSession
from .reviews import REVIEW, Filter, Position, Sort, asked, counted, paged, plain
from .statements import fetch

# Nobody reads how many more there are than this, and counting them all would cost more than the page.
COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """What the list shows of a review. is_risky: whether a high risk of its pair is known."""

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
    decision: str | None
    actor: str | None
    reason: str | None
    decided_at: datetime | None
    is_risky: bool

    @property
    def position(self) -> Position:
        return Position(self.score, self.id)


def page(
    session: TenantSession, filter: Filter, sort: Sort, limit: int, after: Position | None = None
) -> tuple[Sequence[Row], int]:
    """As reviews.page, and no more of each than the list shows; how many match, but at most COUNTED + 1."""
    total = count(session, filter)
    query = paged(session, select(REVIEW.c.id), filter, sort, limit, after, are_few=total <= search.FEW)
    # What is joined is joined to the page alone: before it is sorted it would be to all that was found.
    return _shown(session, session.connection().execute(query).scalars().all()), total


def row(session: TenantSession, review_id: str) -> Row | None:
    return next(iter(_shown(session, [review_id])), None)


def count(session: TenantSession, filter: Filter) -> int:
    """How many match, but at most COUNTED + 1."""
    return counted(session, filter, COUNTED + 1)


def fits(session: TenantSession, review_id: str, filter: Filter) -> bool:
    mine = (REVIEW.c.id == review_id, REVIEW.c.tenant_id == session.info["tenant"])
    query = select(REVIEW.c.id).where(*mine, *plain(filter))
    if question := asked(session, filter):
        query = query.where(question.matches(are_few=False))
    return session.connection().execute(query).first() is not None


def matching(session: TenantSession, filter: Filter, limit: int) -> Sequence[tuple[str, int | None]]:
    """(id, draft version) of what matches, the newest first: what `all that match` means right now."""
    rows, _ = page(session, filter, "newest", limit)
    return [(row.id, row.draft_version) for row in rows]


def _shown(session: TenantSession, ids: Sequence[str]) -> list[Row]:
    """Those of these that there are, in this order."""
    asked = {f"id_{place}": id for place, id in enumerate(ids)}
    found = fetch(session.connection(), _rows(len(ids)), {"tenant": session.info["tenant"], **asked})
    rows = {row["id"]: _row(**row) for row in found}
    return [rows[id] for id in ids if id in rows]


def _row(*, risks: Sequence[Mapping[str, Any]] | None, type: str | None, **shown: Any) -> Row:
    return Row(**shown, decision=type, is_risky=is_risky(risks))


def is_risky(risks: Sequence[Mapping[str, Any]] | None) -> bool:
    return any(risk["severity"] == "high" for risk in risks or ())


@cache
def _rows(many: int) -> Select[Any]:
    """Of so many ids. Put together once: for each page anew it would cost as much as the page."""
    draft, pair, decision = (SQLModel.metadata.tables[it] for it in ("draft", "partnership", "decision"))
    shown = ("id", "status", "kind", "title", "lang", "score", "draft_version", "created_at", "escalated_at")
    said = (decision.c[name] for name in ("type", "actor", "reason", "decided_at"))
    joined: FromClause = REVIEW
    for other, same in (
        (draft, draft.c.id == REVIEW.c.draft_id),
        (pair, pair.c.id == REVIEW.c.partnership_id),
        (decision, decision.c.review_id == REVIEW.c.id),
    ):
        joined = joined.outerjoin(other, and_(same, other.c.tenant_id == REVIEW.c.tenant_id))
    query = select(*(REVIEW.c[name] for name in shown), draft.c.subject, *said, pair.c.risks)
    asked = (REVIEW.c.id == bindparam(f"id_{place}") for place in range(many))
    mine = (REVIEW.c.tenant_id == bindparam("tenant"), or_(false(), *asked))
    return query.select_from(joined).where(*mine)
