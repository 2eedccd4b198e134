"""What an analyst's page shows and keeps: the list, the card with all around it, unfinished work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from memory import desk, endorsements, people, queue, reviews, runs
from memory.db import TenantSession
from memory.models import (
    AuditEntry,
    Comment,
    Deal,
    Decision,
    Evidence,
    ReviewStatus,
    Run,
    RunStatus,
    SavedView,
    Workcopy,
)
from memory.queue import Row
from memory.reviews import Filter, Position, Sort
from memory.rows import find, find_all

from .engine import Engine
from .errors import BadRequest, NotFound
from .eyes import Severity, asks_second
from .reviews import Card, card_of, existing, resume_key

COMMENT_LENGTH = 4_000
TEXT_LENGTH = 20_000
VIEWS = 20


@dataclass(frozen=True)
class Listing:
    """A page of the list. total: how many match, at most COUNTED + 1; claims: who else looks at which;
    names: of everybody, by how decisions and the audit know them.
    """

    rows: Sequence[Row]
    more: bool
    total: int
    claims: Mapping[str, Sequence[str]]
    endorsed: Mapping[str, Sequence[str]]
    names: Mapping[str, str]


@dataclass(frozen=True)
class Seen:
    """One row of the list. fits: whether it belongs to the filter that was asked with; total: how many do."""

    row: Row
    claims: Sequence[str]
    endorsed: Sequence[str]
    total: int
    fits: bool
    names: Mapping[str, str]


@dataclass(frozen=True)
class Opened:
    """A card and all around it. evidence: by id; window_ends: until when the decision can be undone;
    endorsed: who has approved a letter that two people approve; due: when it is late.
    """

    row: Row
    card: Card
    evidence: Mapping[str, Evidence]
    history: Sequence[AuditEntry]
    comments: Sequence[Comment]
    workcopy: Workcopy | None
    claimants: Sequence[str]
    asks_second: bool
    endorsed: Sequence[str]
    due: datetime | None
    deal: Deal | None
    window_ends: datetime | None
    names: Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """opened: None where there is nothing to open."""

    listing: Listing
    opened: Opened | None
    views: Sequence[SavedView]


class DeskService:
    """Each look is one snapshot, each change one transaction.

    limit: how long a question may wait; second: the risk from which two people approve.
    """

    def __init__(self, engine: Engine, limit: timedelta | None, second: Severity | None) -> None:
        self._memory, self._clock, self._new_id = engine.memory, engine.clock, engine.new_id
        self._limit, self._second = limit, second

    async def listing(
        self, filter: Filter, sort: Sort, limit: int, after: Position | None, actor: str
    ) -> Listing:
        return await self._memory.read(_listing, filter, sort, limit, after, actor, self._clock())

    async def page(
        self,
        filter: Filter,
        sort: Sort,
        limit: int,
        after: Position | None,
        actor: str,
        review_id: str | None,
    ) -> Page:
        """The list, and beside it the card of `review_id`, else of the first."""
        listed = (filter, sort, limit, after, actor, self._clock())
        return await self._memory.read(_page, listed, review_id, self._limit, self._second)

    async def row(self, review_id: str, filter: Filter, actor: str) -> Seen:
        """Errors: NotFound."""
        return await self._memory.read(_seen, review_id, filter, actor, self._clock())

    async def count(self, filter: Filter) -> int:
        """How many match, at most COUNTED + 1."""
        return await self._memory.read(queue.count, filter)

    async def open(self, review_id: str, actor: str) -> Opened:
        """Errors: NotFound."""
        return await self._memory.read(_opened, review_id, actor, self._clock(), self._limit, self._second)

    async def titles(self, ids: Sequence[str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """The titles of those of these reviews that there are, and the names of everybody."""
        return await self._memory.read(reviews.titles, ids), await self._memory.read(people.names)

    async def views(self, actor: str) -> Sequence[SavedView]:
        return await self._memory.read(desk.views, actor)

    async def look(self, review_id: str, before: str, actor: str) -> None:
        """The person looks at this one now, which others are warned of for some minutes, and no longer at
        `before`; either may be empty. Errors: NotFound."""
        await self._memory.write(_look, review_id, before, actor, self._clock())

    async def keep(self, review_id: str, actor: str, version: int, subject: str, body: str) -> None:
        """Keep the person's unfinished wording. Errors: NotFound, BadRequest."""
        if max(len(subject), len(body)) > TEXT_LENGTH:
            raise BadRequest(f"a letter has at most {TEXT_LENGTH} characters")
        letter = {"subject": subject, "body": body}
        await self._memory.write(_keep, review_id, actor, version, letter, self._clock())

    async def drop(self, review_id: str, actor: str) -> None:
        await self._memory.write(desk.drop_workcopy, review_id, actor)

    async def comment(self, review_id: str, actor: str, body: str) -> None:
        """Errors: NotFound, BadRequest."""
        if not 0 < len(text := body.strip()) <= COMMENT_LENGTH:
            raise BadRequest(f"a comment has 1 to {COMMENT_LENGTH} characters")
        await self._memory.write(_comment, self._new_id(), review_id, actor, text, self._clock())

    async def save_view(self, actor: str, name: str, query: str) -> None:
        """Errors: BadRequest: no name, or too many views."""
        if not 0 < len(named := name.strip()) <= 60:
            raise BadRequest("a view has a name of 1 to 60 characters")
        view = SavedView(id=self._new_id(), actor=actor, name=named, query=query, created_at=self._clock())
        await self._memory.write(_save_view, view)

    async def drop_view(self, view_id: str, actor: str) -> None:
        await self._memory.write(desk.drop_view, view_id, actor)


def _listing(
    session: TenantSession,
    filter: Filter,
    sort: Sort,
    limit: int,
    after: Position | None,
    actor: str,
    now: datetime,
) -> Listing:
    found, total = queue.page(session, filter, sort, limit + 1, after)
    shown = found[:limit]
    claims = desk.claimants(session, [row.id for row in shown], now, but=actor)
    endorsed = endorsements.of(session, shown)
    return Listing(shown, len(found) > limit, total, claims, endorsed, people.names(session))


def _page(
    session: TenantSession,
    listed: tuple[Filter, Sort, int, Position | None, str, datetime],
    review_id: str | None,
    limit: timedelta | None,
    second: Severity | None,
) -> Page:
    """listed: what _listing is asked."""
    listing, (*_, actor, now) = _listing(session, *listed), listed
    shown = review_id or (listing.rows[0].id if listing.rows else None)
    opened = _found(session, shown, actor, now, limit, second) if shown is not None else None
    return Page(listing, opened, desk.views(session, actor))


def _found(session: TenantSession, review_id: str, *told: Any) -> Opened | None:
    """told: what _opened is told besides."""
    try:
        return _opened(session, review_id, *told)
    except NotFound:
        return None


def _seen(session: TenantSession, review_id: str, filter: Filter, actor: str, now: datetime) -> Seen:
    row, claims = _row(session, review_id), desk.claimants(session, [review_id], now, but=actor)
    return Seen(
        row=row,
        claims=claims.get(review_id, ()),
        endorsed=endorsements.of(session, [row]).get(review_id, ()),
        total=queue.count(session, filter),
        fits=queue.fits(session, review_id, filter),
        names=people.names(session),
    )


def _opened(
    session: TenantSession,
    review_id: str,
    actor: str,
    now: datetime,
    limit: timedelta | None,
    second: Severity | None,
) -> Opened:
    card = card_of(session, review_id)
    row, pair = row_of(card), card.review.partnership_id
    return Opened(
        row=row,
        card=card,
        evidence=_evidence(session, _cited(card)),
        history=_history(session, review_id),
        comments=desk.comments(session, review_id),
        workcopy=desk.workcopy(session, review_id, actor),
        claimants=desk.claimants(session, [review_id], now, but=actor).get(review_id, ()),
        asks_second=asks_second(card.review, card.partnership, second),
        endorsed=endorsements.of(session, [row]).get(review_id, ()),
        due=row.created_at + limit if limit else None,
        deal=find(session, Deal, {"key": pair}) if pair else None,
        window_ends=_window(session, row),
        names=people.names(session),
    )


def _row(session: TenantSession, review_id: str) -> Row:
    if (row := queue.row(session, review_id)) is None:
        raise NotFound.of("review", review_id)
    return row


def _window(session: TenantSession, row: Row) -> datetime | None:
    """Until when the run that carries out the decision waits."""
    if row.status != ReviewStatus.DECIDED:
        return None
    run: Run | None = runs.by_key(session, resume_key(row.id))
    waits = run is not None and run.status == RunStatus.QUEUED and not run.attempts
    return run.not_before if run is not None and waits else None


def _evidence(session: TenantSession, ids: Sequence[str]) -> dict[str, Evidence]:
    found = find_all(session, Evidence, {"id": tuple(set(ids))}) if ids else []
    return {piece.id: piece for piece in found}


def _history(session: TenantSession, review_id: str) -> list[AuditEntry]:
    """The oldest first."""
    subject = {"subject_type": "review", "subject_id": review_id}
    return sorted(find_all(session, AuditEntry, subject), key=lambda it: (it.at, it.id))


def _cited(card: Card) -> list[str]:
    claims = card.draft.claims if card.draft else []
    risks = card.partnership.risks if card.partnership else []
    return [id for it in (*claims, *risks) for id in it["evidence"]]


def row_of(card: Card) -> Row:
    """What the list shows of it."""
    review, draft, pair, decision = card.review, card.draft, card.partnership, card.decision
    return Row(
        id=review.id,
        status=review.status,
        kind=review.kind,
        title=review.title,
        lang=review.lang,
        score=review.score,
        draft_version=review.draft_version,
        created_at=review.created_at,
        escalated_at=review.escalated_at,
        subject=draft.subject if draft else None,
        is_risky=queue.is_risky(pair.risks if pair else None),
        decision=decision.type if decision else None,
        actor=decision.actor if decision else None,
        reason=decision.reason if decision else None,
        decided_at=decision.decided_at if decision else None,
    )


def decided(row: Row, decision: Decision) -> Row:
    """The row of what was just decided so."""
    return replace(
        row,
        status=ReviewStatus.DECIDED,
        decision=decision.type,
        actor=decision.actor,
        reason=decision.reason,
        decided_at=decision.decided_at,
    )


def _look(session: TenantSession, review_id: str, before: str, actor: str, now: datetime) -> None:
    if before:
        desk.release(session, before, actor)
    if review_id and existing(session, review_id).status == ReviewStatus.PENDING:
        desk.claim(session, review_id, actor, now)


def _keep(
    session: TenantSession, review_id: str, actor: str, version: int, letter: Mapping[str, str], now: datetime
) -> None:
    existing(session, review_id)
    desk.keep_workcopy(session, review_id, actor, version, letter, now)


def _comment(session: TenantSession, id: str, review_id: str, actor: str, body: str, now: datetime) -> None:
    existing(session, review_id)
    desk.comment(session, id, review_id, actor, body, now)


def _save_view(session: TenantSession, view: SavedView) -> None:
    names = {one.name for one in desk.views(session, view.actor)}
    if view.name not in names and len(names) >= VIEWS:
        raise BadRequest(f"you have {VIEWS} views already: drop one first")
    desk.save_view(session, view)
