"""Letters and their versions. A version is never changed: a rewrite and a person's edit each add one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, func, select

from .db import TenantSession
from .models import Decision, DecisionType, Draft, Review


def add_draft(session: TenantSession, draft: Draft) -> Draft:
    """The thread's draft of this version; the first one written stays, so a repeated step changes nothing."""
    same = (Draft.thread_id == draft.thread_id, Draft.version == draft.version)
    if found := session.exec(select(Draft).where(*same)).first():
        return found
    session.add(draft)
    session.flush()
    return draft


def get(session: TenantSession, draft_id: str) -> Draft | None:
    return session.exec(select(Draft).where(Draft.id == draft_id)).first()


def latest(session: TenantSession, thread_id: str) -> Draft | None:
    newest = select(Draft).where(Draft.thread_id == thread_id).order_by(col(Draft.version).desc())
    return session.exec(newest.limit(1)).first()


def versions(session: TenantSession, thread_id: str) -> Sequence[Draft]:
    """All versions of the thread's letter, the first one first."""
    return session.exec(select(Draft).where(Draft.thread_id == thread_id).order_by(col(Draft.version))).all()


def add_person_version(
    session: TenantSession, base: Draft, *, subject: str, body: str, actor: str, id: str, now: datetime
) -> Draft:
    """A person's own wording of `base`, as the thread's next version. actor: person:<name>.

    A claim of `base` stays with the letter only while its sentence still stands in the text.
    """
    last = session.exec(select(func.max(Draft.version)).where(Draft.thread_id == base.thread_id)).one()
    kept = base.model_dump(exclude={"id", "version", "author", "offline", "prompt", "remark", "note"})
    kept |= {
        "id": id,
        "version": last + 1,
        "subject": subject,
        "body": body,
        "claims": [claim for claim in base.claims if _words(claim["text"]) in _words(body)],
        "author": actor,
        "created_at": now,
    }
    return add_draft(session, Draft(**kept))


def approved_draft(session: TenantSession, thread_id: str) -> Draft | None:
    """The version that a person let go: the one shown and approved, or the person's own edit of it.

    Only a decision on a review of this very thread counts, and an approval only for the version shown.
    """
    allowed = (col(Decision.type) == DecisionType.EDIT) | (
        (col(Decision.type) == DecisionType.APPROVE) & (col(Decision.draft_id) == col(Review.draft_id))
    )
    query = (
        select(Draft)
        .join(Decision, col(Decision.draft_id) == col(Draft.id))
        .join(Review, col(Review.id) == col(Decision.review_id))
        .where(col(Draft.thread_id) == thread_id, col(Review.thread_id) == thread_id, allowed)
        .order_by(col(Decision.decided_at).desc(), col(Draft.version).desc())
    )
    return session.exec(query.limit(1)).first()


def _words(text: str) -> str:
    """The text without its line ends and no-break spaces, which an editor may change."""
    return " ".join(text.split())
