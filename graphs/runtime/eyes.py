"""Two pairs of eyes: nobody approves what they themselves have had rewritten, where the operator asks so."""

from __future__ import annotations

from memory import drafts, reviews
from memory.db import TenantSession
from memory.models import DecisionType, Review

from .errors import Forbidden


def check_other_eyes(session: TenantSession, review: Review, type: DecisionType, actor: str) -> None:
    """Errors: Forbidden to approve a version of one's own, or one that answers one's own remark; and to
    approve with an edit, which nobody else would see."""
    if review.draft_id is None or type not in (DecisionType.APPROVE, DecisionType.EDIT):
        return
    if type is DecisionType.EDIT:
        raise Forbidden("two pairs of eyes are asked for: say what should change, and let another approve it")
    draft = drafts.get(session, review.draft_id)
    if (draft and draft.author == actor) or actor in reviews.rewriters(session, review.thread_id):
        raise Forbidden(
            "two pairs of eyes are asked for: whoever had the letter rewritten does not approve it"
        )
