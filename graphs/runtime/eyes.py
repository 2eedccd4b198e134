"""Pairs of eyes: nobody approves what they have had rewritten themselves; a risky letter needs two people."""

from __future__ import annotations

from typing import Literal

from memory import drafts, endorsements, partnerships, reviews
from memory.db import TenantSession
from memory.models import DecisionType, Partnership, Review

from .errors import AsksSecond, Ruled

Severity = Literal["low", "medium", "high"]
_SEVERITIES = ("low", "medium", "high")
_LETS_GO = (DecisionType.APPROVE, DecisionType.EDIT)


def check_other_eyes(session: TenantSession, review: Review, type: DecisionType, actor: str) -> None:
    """Errors: Ruled, to approve a version of one's own, or one that answers one's own remark; and to
    approve with an edit, which nobody else would see."""
    if review.draft_id is None or type not in _LETS_GO:
        return
    if type is DecisionType.EDIT:
        raise Ruled(
            "Нужны две пары глаз: напишите, что исправить, а одобрит кто-то другой.",
            "two pairs of eyes are asked for: say what should change, and let another approve it",
        )
    draft = drafts.get(session, review.draft_id)
    if (draft and draft.author == actor) or actor in reviews.rewriters(session, review.thread_id):
        raise Ruled(
            "Нужны две пары глаз: кто просил переписать письмо, сам его не одобряет.",
            "two pairs of eyes are asked for: whoever had the letter rewritten does not approve it",
        )


def asks_second(review: Review, pair: Partnership | None, from_severity: Severity | None) -> bool:
    """Whether the letter's pair has a risk from which two people approve."""
    if from_severity is None or review.draft_id is None or pair is None:
        return False
    asked = _SEVERITIES[_SEVERITIES.index(from_severity) :]
    return any(risk["severity"] in asked for risk in pair.risks)


def check_second(
    session: TenantSession, review: Review, type: DecisionType, actor: str, from_severity: Severity | None
) -> None:
    """Errors: AsksSecond where nobody else has endorsed this version; Ruled, to approve with an edit."""
    pair = partnerships.get(session, review.partnership_id) if review.partnership_id else None
    if type not in _LETS_GO or not asks_second(review, pair, from_severity):
        return
    if type is DecisionType.EDIT:
        raise Ruled(
            "Это письмо одобряют двое: напишите, что исправить, и его перепишут.",
            "two people approve this letter: say what should change, and let it be rewritten",
        )
    if not {*endorsements.of(session, [review]).get(review.id, ())} - {actor}:
        raise AsksSecond(review.id)
