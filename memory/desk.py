"""What people leave on a review while they decide it. Every function takes a session first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Delete, Table, bindparam, delete
from sqlalchemy import select as _select
from sqlmodel import SQLModel, col

from .db import TenantSession
from .ids import derived
from .models import Comment, ReviewClaim, SavedView, Workcopy
from .notices import Notice, tell
from .rows import change, find, find_all, insert, insert_missing
from .statements import count

CLAIM = timedelta(minutes=5)

_CLAIMS: Table = SQLModel.metadata.tables["review_claim"]
_HELD = _select(_CLAIMS.c.review_id, _CLAIMS.c.actor).where(
    _CLAIMS.c.tenant_id == bindparam("tenant"),
    _CLAIMS.c.until > bindparam("now", type_=_CLAIMS.c.until.type),
    _CLAIMS.c.actor != bindparam("but"),
)
_MENTION = re.compile(r"(?<![\w@])@([\w.-]*\w)")


def topic(tenant: str) -> str:
    """Where changes of the tenant's reviews are told."""
    return f"reviews/{tenant}"


def announce(session: TenantSession, review_id: str, what: str, **more: str) -> None:
    """Tell every open page that the review is another one now. what: opened, changed, or claimed `by` one."""
    tell(session, Notice(topic(session.info["tenant"]), what, {"id": review_id, **more}))


def workcopy(session: TenantSession, review_id: str, actor: str) -> Workcopy | None:
    return find(session, Workcopy, {"review_id": review_id, "actor": actor})


def keep_workcopy(
    session: TenantSession, review_id: str, actor: str, version: int, letter: Mapping[str, str], now: datetime
) -> None:
    """The newest {subject, body} of this person stays; version: of the draft that was edited."""
    id = derived("workcopy", session.info["tenant"], review_id, actor)
    written = {"version": version, "subject": letter["subject"], "body": letter["body"], "updated_at": now}
    if not insert_missing(session, Workcopy, [{"id": id, "review_id": review_id, "actor": actor, **written}]):
        change(session, Workcopy, {"id": id}, written)


def drop_workcopy(session: TenantSession, review_id: str, actor: str) -> None:
    _drop(session, Workcopy, review_id, actor)


def leave(session: TenantSession, review_id: str, actor: str) -> None:
    """The person is done with the review: told to nobody, for what they did with it is told already."""
    for table in (ReviewClaim, Workcopy):
        _drop(session, table, review_id, actor)


def claim(session: TenantSession, review_id: str, actor: str, now: datetime) -> None:
    """Say that the person looks at the review; others are told when that is new."""
    until = now + CLAIM
    id = derived("claim", session.info["tenant"], review_id, actor)
    row = {"id": id, "review_id": review_id, "actor": actor, "until": until}
    found = find(session, ReviewClaim, {"id": id})
    if not insert_missing(session, ReviewClaim, [row]):
        change(session, ReviewClaim, {"id": id}, {"until": until})
    if found is None or found.until <= now:
        announce(session, review_id, "claimed", by=actor)


def release(session: TenantSession, review_id: str, actor: str) -> None:
    if _drop(session, ReviewClaim, review_id, actor):
        announce(session, review_id, "claimed", by=actor)


def release_all(session: TenantSession, actor: str) -> None:
    """The person looks at nothing any more."""
    theirs = delete(ReviewClaim).where(col(ReviewClaim.actor) == actor)
    for review_id in session.execute(theirs.returning(col(ReviewClaim.review_id))).scalars():
        announce(session, review_id, "claimed", by=actor)


def claimants(
    session: TenantSession, review_ids: Sequence[str], now: datetime, *, but: str
) -> dict[str, list[str]]:
    """Who else looks at each of these reviews right now."""
    shown, found = set(review_ids), dict[str, list[str]]()
    told = {"tenant": session.info["tenant"], "now": now, "but": but}
    # All that are held now are fewer than a page has rows.
    for review_id, actor in session.connection().execute(_HELD, told):
        if review_id in shown:
            found.setdefault(review_id, []).append(actor)
    return found


def comment(session: TenantSession, id: str, review_id: str, actor: str, body: str, now: datetime) -> Comment:
    row = Comment(
        id=id, review_id=review_id, actor=actor, body=body, mentions=mentioned(body), created_at=now
    )
    insert(session, row)
    announce(session, review_id, "changed")
    return row


def comments(session: TenantSession, review_id: str) -> list[Comment]:
    """The oldest first."""
    return sorted(find_all(session, Comment, {"review_id": review_id}), key=lambda it: it.id)


def mentioned(body: str) -> list[str]:
    """The names after an @, each once: `@Мария`, `@m.orlova`."""
    return list(dict.fromkeys(_MENTION.findall(body)))


def save_view(session: TenantSession, view: SavedView) -> None:
    """The name's newest query stays."""
    if not insert_missing(session, SavedView, [view.model_dump()]):
        change(session, SavedView, {"actor": view.actor, "name": view.name}, {"query": view.query})


def views(session: TenantSession, actor: str) -> list[SavedView]:
    return sorted(find_all(session, SavedView, {"actor": actor}), key=lambda it: it.name)


def drop_view(session: TenantSession, view_id: str, actor: str) -> None:
    asked = (col(SavedView.id) == view_id, col(SavedView.actor) == actor)
    session.execute(delete(SavedView).where(*asked))


def _drop(
    session: TenantSession, table: type[Workcopy] | type[ReviewClaim], review_id: str, actor: str
) -> bool:
    told = {"tenant": session.info["tenant"], "review": review_id, "actor": actor}
    return count(session.connection(), _dropping(str(table.__tablename__)), told) > 0


@cache
def _dropping(table: str) -> Delete:
    left = SQLModel.metadata.tables[table]
    mine = (left.c.tenant_id == bindparam("tenant"), left.c.actor == bindparam("actor"))
    return delete(left).where(*mine, left.c.review_id == bindparam("review"))
