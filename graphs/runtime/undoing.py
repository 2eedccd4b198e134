"""Taking a decision back while the run that would carry it out has not begun."""

from __future__ import annotations

from sqlalchemy import delete
from sqlmodel import col

from memory import audit, desk, drafts, reviews, runs
from memory.db import TenantSession
from memory.models import (
    Decision,
    DecisionType,
    Draft,
    Review,
    Run,
    RunStatus,
    Thread,
    ThreadStatus,
)
from memory.rows import change

from .engine import Engine
from .errors import Conflict, TooLate
from .reviews import existing, resume_key


class Undo:
    """One transaction: the delayed run is withdrawn, or it has begun and nothing is changed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def undo(self, review_id: str, actor: str) -> None:
        """Let the review wait again, as if nobody had decided; an edit stays as the person's unfinished text.

        Errors: NotFound; TooLate when the run has begun; Conflict when the decision is somebody else's, or
        there is none.
        """
        await self._engine.memory.write(self._undo, review_id, actor)

    def _undo(self, session: TenantSession, review_id: str, actor: str) -> None:
        review, decision = existing(session, review_id), reviews.decision_of(session, review_id)
        if decision is None:
            raise Conflict(f"review {review_id!r} has no decision to undo")
        if decision.actor != actor:
            raise Conflict(f"the decision is not yours: only {decision.actor} can undo it")
        run = runs.by_key(session, resume_key(review_id))
        if run is None or not runs.revoke(session, run.id, self._engine.clock()):
            raise TooLate(review_id)
        self._note(session, review, decision)
        reviews.reopen(session, review_id)
        self._keep_edit(session, review, decision)
        _wait_again(session, review, self._engine)

    def _keep_edit(self, session: TenantSession, review: Review, decision: Decision) -> None:
        """No version that nobody let go may stand in the way of the next one: versions are numbered."""
        if decision.type != DecisionType.EDIT or decision.draft_id is None:
            return
        edited = drafts.get(session, decision.draft_id)
        assert edited is not None and review.draft_version is not None
        letter = {"subject": edited.subject, "body": edited.body}
        desk.keep_workcopy(
            session, review.id, decision.actor, review.draft_version, letter, self._engine.clock()
        )
        session.execute(delete(Draft).where(col(Draft.id) == decision.draft_id))

    def _note(self, session: TenantSession, review: Review, decision: Decision) -> None:
        audit.record(
            session,
            id=self._engine.new_id(),
            actor=decision.actor,
            action="review.undo",
            subject_type="review",
            subject_id=review.id,
            detail={"type": decision.type, "reason": decision.reason},
            now=self._engine.clock(),
        )


def _wait_again(session: TenantSession, review: Review, engine: Engine) -> None:
    asked = {"id": review.run_id, "status": RunStatus.DONE}
    change(session, Run, asked, {"status": RunStatus.WAITING, "finished_at": None})
    waits = {"status": ThreadStatus.INTERRUPTED, "updated_at": engine.clock()}
    change(session, Thread, {"id": review.thread_id}, waits)
