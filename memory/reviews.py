"""Reviews and decisions in the database. Deciding is a compare-and-set: one winner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, Table, delete, func, literal_column, tuple_
from sqlmodel import SQLModel, col, select

from . import search
from .db import TenantSession
from .desk import announce
from .models import UNRANKED, Decision, DecisionType, Review, ReviewStatus
from .rows import change, changed, find, find_all, insert_missing

Sort = Literal["score", "newest", "oldest"]
# Its columns serve the mapper's statements and plain ones alike.
REVIEW: Table = SQLModel.metadata.tables["review"]
_DEAL: Table = SQLModel.metadata.tables["deal"]


@dataclass(frozen=True)
class Order:
    """What pages are sorted by and begin after."""

    rank: ColumnElement[float]
    id: ColumnElement[str]


_INDEXED = Order(REVIEW.c.rank, REVIEW.c.id)
# What has been found is sorted: as expressions, for no index of the order is to be gone through for a few.
_FOUND = Order(REVIEW.c.rank + 0, REVIEW.c.id + "")


@dataclass(frozen=True)
class Filter:
    """What to list: each field that is set narrows the list. in_crm: whether the pair has a deal."""

    status: str | None = ReviewStatus.PENDING
    kind: str | None = None
    lang: str | None = None
    text: str | None = None
    thread_id: str | None = None
    late: bool = False
    in_crm: bool | None = None


@dataclass(frozen=True)
class Position:
    """Where a page ended: the last row's score (None sorts last) and id."""

    score: float | None
    id: str


def get(session: TenantSession, review_id: str) -> Review | None:
    return find(session, Review, {"id": review_id})


def about(session: TenantSession, thread_id: str, interrupt_ids: Sequence[str]) -> list[Review]:
    """The reviews that ever asked these questions of the thread, the newest first."""
    asked = {"thread_id": thread_id, "interrupt_id": tuple(interrupt_ids)}
    return sorted(find_all(session, Review, asked), key=lambda review: review.id, reverse=True)


def titles(session: TenantSession, ids: Sequence[str]) -> dict[str, str]:
    found = session.exec(select(Review.id, Review.title).where(col(Review.id).in_(ids)))
    return dict(found.all())


def pending_of(session: TenantSession, run_id: str) -> list[str]:
    """Ids of the reviews that the run waits for."""
    asked = (Review.run_id == run_id, Review.status == ReviewStatus.PENDING)
    return list(session.exec(select(Review.id).where(*asked).order_by(col(Review.id))))


def decision_of(session: TenantSession, review_id: str) -> Decision | None:
    return find(session, Decision, {"review_id": review_id})


def rewriters(session: TenantSession, thread_id: str) -> Sequence[str]:
    """Who has asked for a rewrite of the thread's letter."""
    theirs = (Review.thread_id == thread_id, Decision.type == DecisionType.RESPOND)
    query = select(Decision.actor).join(Review, col(Review.id) == col(Decision.review_id))
    return session.exec(query.where(*theirs)).all()


def open_review(session: TenantSession, review: Review) -> str:
    """The id of the question's review. One that waits already goes on, as asked by this review's run."""
    if insert_missing(session, Review, [review.model_dump()]):
        search.index(session, [review])
        announce(session, review.id, "opened")
        return review.id
    question = {"thread_id": review.thread_id, "interrupt_id": review.interrupt_id}
    waiting = {**question, "status": ReviewStatus.PENDING}
    change(session, Review, waiting, {"run_id": review.run_id})
    return session.exec(select(Review.id).filter_by(**waiting)).one()


def close(session: TenantSession, review_id: str, now: datetime) -> bool:
    """Take the pending review; False for everybody but the first."""
    return bool(_leave_pending(session, {"id": review_id}, ReviewStatus.DECIDED, now))


def reopen(session: TenantSession, review_id: str) -> None:
    """Take back a decision that nobody has acted on."""
    session.execute(delete(Decision).where(col(Decision.review_id) == review_id))
    decided = {"id": review_id, "status": ReviewStatus.DECIDED}
    if change(session, Review, decided, {"status": ReviewStatus.PENDING, "decided_at": None}):
        search.restate(session, [review_id], ReviewStatus.DECIDED, ReviewStatus.PENDING)
    announce(session, review_id, "changed")


def escalate(session: TenantSession, before: datetime, now: datetime, limit: int) -> Sequence[str]:
    """Mark the oldest that wait since before then as late; the ids of those that nobody had marked."""
    oldest = select(Review.id).where(*_is_due(before)).order_by(col(Review.created_at))
    ids = session.exec(oldest.limit(limit)).all()
    which = {"id": tuple(ids), "status": ReviewStatus.PENDING, "escalated_at": None}
    late = changed(session, Review, which, {"escalated_at": now}) if ids else ()
    for review_id in late:
        announce(session, review_id, "changed")
    return late


def withdraw(session: TenantSession, thread_id: str, now: datetime) -> None:
    _leave_pending(session, {"thread_id": thread_id}, ReviewStatus.WITHDRAWN, now)


def record(session: TenantSession, decision: Decision) -> None:
    insert_missing(session, Decision, [decision.model_dump()])


def page(
    session: TenantSession, filter: Filter, sort: Sort, limit: int, after: Position | None = None
) -> Sequence[Review]:
    """One page; `after` is the last row of the page before, so a page costs the same anywhere."""
    is_narrow = bool(filter.text) or filter.late
    few = is_narrow and counted(session, filter, search.FEW + 1) <= search.FEW
    query = paged(session, select(Review), filter, sort, limit, after, are_few=few)
    return session.execute(query).scalars().all()


def count(session: TenantSession, filter: Filter) -> int:
    return counted(session, filter)


def counted(session: TenantSession, filter: Filter, most: int | None = None) -> int:
    """How many match, but at most `most`."""
    question = asked(session, filter)
    if question is not None and (filter.late, filter.thread_id, filter.in_crm) == (False, None, None):
        return question.count(session, most)
    # Of no column, so that any index which has all that is asked will do.
    some: Select[Any] = select(literal_column("1")).select_from(REVIEW)
    mine = some.where(REVIEW.c.tenant_id == session.info["tenant"], *plain(filter)).limit(most)
    if question is not None:
        mine = mine.where(question.matches(are_few=True))
    found = session.connection().execute(select(func.count()).select_from(mine.subquery()))
    return int(found.scalar_one())


def paged(
    session: TenantSession,
    query: Select[Any],
    filter: Filter,
    sort: Sort,
    limit: int,
    after: Position | None,
    *,
    are_few: bool,
) -> Select[Any]:
    """One page of the query, which is one of reviews: of the session's tenant alone.

    are_few: no more than search.FEW match.
    """
    question, tenant = asked(session, filter), session.info["tenant"]
    if question is None or not are_few:
        query = query.where(REVIEW.c.tenant_id == tenant, *plain(filter))
    else:
        rest = plain(Filter(None, thread_id=filter.thread_id, late=filter.late, in_crm=filter.in_crm))
        query = query.where(REVIEW.c.tenant_id == tenant, *rest)
    if question is not None:
        query = query.where(question.matches(are_few=are_few))
    by = _FOUND if are_few and (question is not None or filter.late) else _INDEXED
    if after is not None:
        query = query.where(beyond(sort, after, by))
    return query.order_by(*order(sort, by)).limit(limit)


def plain(filter: Filter) -> list[ColumnElement[bool]]:
    """All but what is searched for."""
    exact = {"status": filter.status, "kind": filter.kind, "lang": filter.lang, "thread_id": filter.thread_id}
    conditions = [REVIEW.c[name] == value for name, value in exact.items() if value is not None]
    if filter.late:
        conditions.append(REVIEW.c.escalated_at.is_not(None))
    if filter.in_crm is not None:
        deal = _DEAL.c.tenant_id == REVIEW.c.tenant_id, _DEAL.c.key == REVIEW.c.partnership_id
        known = select(_DEAL.c.id).where(*deal).exists()
        conditions.append(known if filter.in_crm else ~known)
    return conditions


def asked(session: TenantSession, filter: Filter) -> search.Question | None:
    """What is searched for, if anything."""
    if not filter.text:
        return None
    question = search.Question(session, filter.text, filter.status, filter.lang, filter.kind)
    return question if question.has_words else None


def order(sort: Sort, by: Order) -> tuple[ColumnElement[Any], ...]:
    if sort == "score":
        return (by.rank.desc(), by.id.desc())
    return (by.id.asc(),) if sort == "oldest" else (by.id.desc(),)


def beyond(sort: Sort, last: Position, by: Order) -> ColumnElement[bool]:
    if sort == "oldest":
        return by.id > last.id
    if sort == "newest":
        return by.id < last.id
    rank = UNRANKED if last.score is None else last.score
    return tuple_(by.rank, by.id) < tuple_(rank, last.id)


def _is_due(before: datetime) -> tuple[ColumnElement[bool], ...]:
    waits = (col(Review.status) == ReviewStatus.PENDING, col(Review.escalated_at).is_(None))
    return (*waits, col(Review.created_at) <= before)


def _leave_pending(
    session: TenantSession, which: dict[str, str], to: ReviewStatus, now: datetime
) -> Sequence[str]:
    pending = {**which, "status": ReviewStatus.PENDING}
    left = changed(session, Review, pending, {"status": to, "decided_at": now})
    search.restate(session, left, ReviewStatus.PENDING, to)
    for review_id in left:
        announce(session, review_id, "changed")
    return left
