"""A client's answer to what a thread asks: a decision on a review where there is one, else a resume.

A review is decided by the one service of reviews, so that who may decide, what is allowed and what is
written down do not depend on the door through which a person came in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from api.schemas.decisions import Approve, DecisionIn, Edit, Reject, Single
from graphs.runtime.errors import BadRequest, Conflict, NotFound
from graphs.runtime.reviews import Endorsed, Resume, Verdict
from graphs.runtime.runs import Request
from graphs.runtime.services import Services
from memory import reviews, runs
from memory.db import TenantSession
from memory.models import DecisionType, Review, ReviewStatus, Run, Thread, ThreadStatus

# LangGraph's ids of interrupts; a dict with other keys is an answer itself.
_ID = re.compile(r"[0-9a-f]{32}")
# What Agent Inbox calls the decisions.
_INBOX = {"accept": "approve", "ignore": "reject", "response": "respond"}
_MANY = 1000


@dataclass(frozen=True)
class Answer:
    """What a client answers a thread that waits with the questions `waiting`; by: {interrupt id: answer}.

    reviews: those that asked the answered questions, the newest first; before: the questions among them
    that have been answered already.
    """

    thread: Thread
    waiting: Sequence[str]
    by: Mapping[str, Any]
    reviews: Sequence[Review]
    before: frozenset[str]

    def review(self, interrupt_id: str) -> Review | None:
        """The review to decide; of an id that is waited for only a pending one."""
        of_id = [one for one in self.reviews if one.interrupt_id == interrupt_id]
        pending = [one for one in of_id if one.status == ReviewStatus.PENDING]
        return next(iter(pending or ([] if interrupt_id in self.waiting else of_id)), None)


def answer_to(session: TenantSession, thread: Thread, given: Any) -> Answer:
    """Errors: Conflict when the thread does not wait; BadRequest when it is not clear for what."""
    stands = thread.interrupts if thread.status == ThreadStatus.INTERRUPTED else {}
    waiting = [one["id"] for many in stands.values() for one in many]
    by = _by_interrupt(thread, waiting, given)
    past = runs.page(session, thread_id=thread.id, limit=_MANY) if by.keys() - set(waiting) else ()
    before = frozenset(id for run in past for id in run.resume or ())
    return Answer(thread, waiting, by, reviews.about(session, thread.id, list(by)), before)


async def answered(services: Services, request: Request, answer: Answer) -> Run:
    """The run in which the thread goes on with the answer, run as `request` says; after the first of two
    approvals the one that asked, whose question still stands.

    Errors: NotFound: an interrupt; Conflict when somebody has answered; BadRequest for an answer that the
    question does not allow.
    """
    decided = [(review, it) for id, it in answer.by.items() if (review := answer.review(id))]
    if not decided:
        _check_waiting(answer)
        return await _resumed(services, request, answer.thread, dict(answer.by))
    if len(answer.by) > 1:
        raise BadRequest("the queue's questions are answered one at a time: send one interrupt id")
    review, value = decided[0]
    resume = Resume(request.options, request.meta, request.not_before)
    verdict = replace(verdict_of(review, value, request.actor), resume=resume)
    done = await services.reviews.answer(review.id, verdict)
    return await services.runs.get(review.run_id) if isinstance(done, Endorsed) else done[1]


def verdict_of(review: Review, value: Any, actor: str) -> Verdict:
    """The decision that an answer means, about the draft that the review shows. Errors: BadRequest."""
    try:
        decision: Single = DecisionIn.model_validate({"decisions": [_spelled(_single(value))]}).root
    except ValidationError as error:
        first = error.errors()[0]
        raise BadRequest(f"the answer is not a decision: {first['msg']}") from error
    version = review.draft_version
    match decision:
        case Approve():
            return Verdict(DecisionType.APPROVE, actor, version)
        case Edit():
            _check_action(review, decision)
            return Verdict(DecisionType.EDIT, actor, version, args=decision.changes())
        case Reject(reason=reason, message=message):
            return Verdict(DecisionType.REJECT, actor, version, reason=reason, message=message)
    return Verdict(DecisionType.RESPOND, actor, version, message=decision.message)


def _single(value: Any) -> dict[str, Any]:
    """`{decisions: [one]}`, Agent Inbox's `[one]`, or one alone."""
    many = value.get("decisions", [value]) if isinstance(value, dict) else value
    match many:
        case [dict() as one]:
            return one
    raise BadRequest("the answer is not a decision: send {decisions: [{type: approve | edit | …}]}")


def _spelled(decision: Mapping[str, Any]) -> dict[str, Any]:
    """The decision in LangChain's words."""
    told = {**decision, "type": _INBOX.get(decision.get("type", ""), decision.get("type"))}
    args = told.pop("args", None)
    match told["type"], args:
        case "respond", str():
            return {"message": args, **told}
        case "edit", {"action": name, "args": dict() as changed}:
            return {**told, "edited_action": {"name": name, "args": changed}}
        case "edit", dict():
            return {**told, "args": args}
    return told


def _check_action(review: Review, edit: Edit) -> None:
    asked = review.request["action_requests"][0]["name"]
    if edit.edited_action and edit.edited_action.name != asked:
        raise BadRequest(f"the review asks about {asked}: an edit cannot make it {edit.edited_action.name}")


def _by_interrupt(thread: Thread, waiting: Sequence[str], resume: Any) -> dict[str, Any]:
    """{interrupt id: answer}; an answer without an id is to the one question there is."""
    if isinstance(resume, dict) and resume and all(_ID.fullmatch(key) for key in resume):
        return resume
    if not waiting:
        raise Conflict(f"thread {thread.id!r} does not wait for an answer: it is {thread.status}")
    if len(waiting) > 1:
        raise BadRequest(f"the thread asks several questions: name one of {', '.join(waiting)}")
    return {waiting[0]: resume}


def _check_waiting(answer: Answer) -> None:
    for id in answer.by:
        if id in answer.before and id not in answer.waiting:
            raise Conflict(f"interrupt {id!r} has been answered already")
        if id not in answer.waiting:
            raise NotFound.of("interrupt", id)


async def _resumed(services: Services, request: Request, thread: Thread, answers: dict[str, Any]) -> Run:
    """Answers to one question race for its key: the thread has changed when it is asked the next one."""
    key = f"answer:{thread.id}:{thread.updated_at.isoformat()}"
    options = request.options.model_copy(update={"multitask": "reject"})
    run, new = await services.runs.start(replace(request, resume=answers, key=key, options=options))
    if not new:
        raise Conflict(f"thread {thread.id!r} has been answered already, in run {run.id!r}")
    return run
