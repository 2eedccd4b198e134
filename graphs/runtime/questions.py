"""A graph's interrupt, as the review that a person sees, and a person's decision, as its answer.

Both use LangChain's batched human-in-the-loop form: a request is `{action_requests: [{name, args,
description?}], review_configs: [{action_name, allowed_decisions}]}`, an answer is `{decisions: [{type, …}]}`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from langgraph.types import Interrupt

from memory.models import UNRANKED, DecisionType, Review, ReviewKind, Run

_KINDS = {
    "send_letter": ReviewKind.OUTREACH,
    "resolve_crm_conflict": ReviewKind.CRM_CONFLICT,
    "merge_companies": ReviewKind.COMPANY_MERGE,
}


def is_question(value: Any) -> bool:
    """Whether a person can be asked it in the queue; another interrupt waits for its client alone."""
    actions = value.get("action_requests") if isinstance(value, dict) else None
    return isinstance(actions, list) and bool(actions) and actions[0].get("name") in _KINDS


def review_for(run: Run, question: Interrupt, *, id: str, now: datetime) -> Review:
    """The review that asks a person what `question` asks. One interrupt asks about one action."""
    action = question.value["action_requests"][0]
    args = action["args"]
    return Review(
        id=id,
        run_id=run.id,
        thread_id=run.thread_id,
        interrupt_id=question.id,
        kind=_KINDS[action["name"]],
        partnership_id=args.get("partnership_id"),
        draft_id=args.get("draft_id"),
        draft_version=args.get("version"),
        title=action.get("description") or action["name"],
        lang=args.get("lang", "ru"),
        score=args.get("score"),
        rank=UNRANKED if args.get("score") is None else args["score"],
        request=question.value,
        created_at=now,
    )


def allowed(review: Review) -> list[str]:
    return [str(name) for name in review.request["review_configs"][0]["allowed_decisions"]]


def answer(
    review: Review, type: DecisionType, *, args: dict[str, Any] | None = None, message: str | None = None
) -> dict[str, Any]:
    """What the graph is resumed with: `{interrupt id: {decisions: [decision]}}`."""
    decision: dict[str, Any] = {"type": str(type)}
    if type is DecisionType.EDIT:
        decision = edited(review, args)
    elif message is not None:
        decision["message"] = message
    return {review.interrupt_id: {"decisions": [decision]}}


def edited(review: Review, args: dict[str, Any] | None) -> dict[str, Any]:
    """The edit of the action that the review asks about: `args` in place of those of its arguments."""
    action = review.request["action_requests"][0]
    changed = {"name": action["name"], "args": {**action["args"], **(args or {})}}
    return {"type": str(DecisionType.EDIT), "edited_action": changed}
