"""The service of reviews: a decision is first a compare-and-set in our table, then a resume.

The review, the decision, the edited draft and the run that resumes the thread are one transaction, so
a decision that was acknowledged is carried out even if the process dies at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from agents.crm_sync.conflict import BadResolution, resolve
from memory import audit, desk, drafts, endorsements, reviews, runs
from memory.db import TenantSession
from memory.models import (
    Company,
    Decision,
    DecisionType,
    Draft,
    Partnership,
    Review,
    ReviewKind,
    Run,
    RunStatus,
    Thread,
    ThreadStatus,
    Trigger,
)
from memory.reviews import Filter, Position, Sort
from memory.rows import change, find, find_all

from . import questions
from .approving import check_amount
from .engine import Engine
from .errors import AlreadyDecided, AsksSecond, BadRequest, Conflict, NotFound, Ruled
from .eyes import Severity, check_other_eyes, check_second
from .options import Options
from .worker import Slot, Worker

T = TypeVar("T")


@dataclass(frozen=True)
class Resume:
    """How to run what follows a decision, and not before when."""

    options: Options
    meta: dict[str, Any]
    not_before: datetime | None


@dataclass(frozen=True)
class Verdict:
    """A person's decision. `version` names the draft it is about (for a review of a letter).

    edit: `args` are the changed arguments ({subject, body} of a letter); reject: `message` is the
    reason; respond: `message` says what should change. `resume` says how the thread goes on, if otherwise
    than in the run that asked; without it the thread goes on so long after as `window` says, and until then
    the decision can be undone.
    """

    type: DecisionType
    actor: str
    version: int | None = None
    args: dict[str, Any] | None = None
    reason: str | None = None
    message: str | None = None
    resume: Resume | None = None
    window: timedelta | None = None


@dataclass(frozen=True)
class Endorsed:
    """One of two people has approved; by: who has, of the version that the review shows."""

    review: Review
    by: Sequence[str]


@dataclass(frozen=True)
class Card:
    """All that a person needs in order to decide."""

    review: Review
    decision: Decision | None
    draft: Draft | None
    versions: Sequence[Draft]
    partnership: Partnership | None
    companies: Sequence[Company]


class ReviewService:
    """two_pairs: whoever had a letter rewritten does not approve it; second: the risk from which two do."""

    def __init__(
        self, engine: Engine, worker: Worker, *, two_pairs: bool = False, second: Severity | None = None
    ) -> None:
        self._two_pairs, self._second = two_pairs, second
        self._engine = engine
        self._worker = worker
        self._memory = engine.memory

    async def page(
        self, filter: Filter, sort: Sort, limit: int, after: Position | None = None
    ) -> Sequence[Review]:
        return await self._memory.read(reviews.page, filter, sort, limit, after)

    async def count(self, filter: Filter) -> int:
        return await self._memory.read(reviews.count, filter)

    async def card(self, review_id: str) -> Card:
        return await self._memory.read(card_of, review_id)

    async def decide(self, review_id: str, verdict: Verdict) -> tuple[Decision, Run]:
        """Record the decision and resume the thread in a new run.

        Errors: NotFound; AlreadyDecided with the winner's decision; Conflict when the draft has another
        version now or the review was withdrawn; AsksSecond when nobody else has endorsed a risky letter;
        BadRequest when the review does not allow the decision; Ruled, which is written down, when this
        person may not let it go.
        """
        with self._worker.slot() as slot:
            decision, run = await self._written(self._decide, review_id, verdict, slot)
            self._worker.submit(run)
        return decision, run

    async def answer(
        self, review_id: str, verdict: Verdict, *, leaving: bool = False
    ) -> tuple[Decision, Run] | Endorsed:
        """Decide, or keep the first of two approvals, after which the review waits on; said twice it is said
        once. leaving: what the person left on the review while they decided goes with it.
        Errors: those of `decide` but AsksSecond."""
        act = self._leave if leaving else self._answer
        with self._worker.slot() as slot:
            answered = await self._written(act, review_id, verdict, slot)
            if not isinstance(answered, Endorsed):
                self._worker.submit(answered[1])
        return answered

    async def _written(
        self,
        act: Callable[[TenantSession, str, Verdict, Slot], T],
        review_id: str,
        verdict: Verdict,
        slot: Slot,
    ) -> T:
        """In one transaction; a rule's refusal is written down in another."""
        try:
            return await self._memory.write(act, review_id, verdict, slot)
        except Ruled as refused:
            detail = {"type": verdict.type, "why": refused.en}
            now = self._engine.clock()
            await self._memory.write(self._note, review_id, verdict.actor, "review.refused", detail, now)
            raise

    def _answer(
        self, session: TenantSession, review_id: str, verdict: Verdict, slot: Slot
    ) -> tuple[Decision, Run] | Endorsed:
        try:
            return self._decide(session, review_id, verdict, slot)
        except AsksSecond:
            return self._endorse(session, review_id, verdict.actor)

    def _leave(
        self, session: TenantSession, review_id: str, verdict: Verdict, slot: Slot
    ) -> tuple[Decision, Run] | Endorsed:
        answered = self._answer(session, review_id, verdict, slot)
        desk.leave(session, review_id, verdict.actor)
        return answered

    def _endorse(self, session: TenantSession, review_id: str, actor: str) -> Endorsed:
        """In the place of a decision that was about to be recorded: the review is held until this is
        committed, so of two people who approve at once one is the second."""
        reviews.reopen(session, review_id)
        review, now = existing(session, review_id), self._engine.clock()
        assert review.draft_version is not None
        if endorsements.endorse(session, review, review.draft_version, actor, now):
            self._note(session, review.id, actor, "review.endorse", {"version": review.draft_version}, now)
        return Endorsed(review, endorsements.of(session, [review])[review.id])

    def _decide(
        self, session: TenantSession, review_id: str, verdict: Verdict, slot: Slot
    ) -> tuple[Decision, Run]:
        review = existing(session, review_id)
        _check_allowed(review, verdict)
        _check_edit(review, verdict)
        if self._two_pairs:
            check_other_eyes(session, review, verdict.type, verdict.actor)
        check_amount(session, review, verdict.type, verdict.actor, verdict.args)
        self._win(session, review)
        _check_version(review, verdict)
        check_second(session, review, verdict.type, verdict.actor, self._second)
        decision = self._record(session, review, verdict)
        runs.end_waiting(session, review.thread_id, RunStatus.DONE, self._engine.clock())
        return decision, self._resume(session, review, verdict, slot)

    def _win(self, session: TenantSession, review: Review) -> None:
        if not reviews.close(session, review.id, self._engine.clock()):
            raise _lost(session, review.id)

    def _record(self, session: TenantSession, review: Review, verdict: Verdict) -> Decision:
        decision = Decision(
            id=self._engine.new_id(),
            review_id=review.id,
            type=verdict.type,
            actor=verdict.actor,
            draft_id=self._approved(session, review, verdict),
            reason=verdict.reason,
            message=verdict.message,
            decided_at=self._engine.clock(),
        )
        reviews.record(session, decision)
        told = {"draft_id": decision.draft_id, "reason": verdict.reason}
        self._note(session, review.id, verdict.actor, f"review.{verdict.type}", told, decision.decided_at)
        return decision

    def _note(
        self,
        session: TenantSession,
        review_id: str,
        actor: str,
        action: str,
        detail: dict[str, Any],
        now: datetime,
    ) -> None:
        audit.record(
            session,
            id=self._engine.new_id(),
            actor=actor,
            action=action,
            subject_type="review",
            subject_id=review_id,
            detail=detail,
            now=now,
        )

    def _approved(self, session: TenantSession, review: Review, verdict: Verdict) -> str | None:
        """The draft that may leave: the one that was shown, or the person's own new version of it."""
        if review.kind != ReviewKind.OUTREACH or review.draft_id is None:
            return None
        if verdict.type is DecisionType.APPROVE:
            return review.draft_id
        if verdict.type is not DecisionType.EDIT:
            return None
        shown = drafts.get(session, review.draft_id)
        assert shown is not None
        edited = {"subject": shown.subject, "body": shown.body, **(verdict.args or {})}
        version = drafts.add_person_version(
            session,
            shown,
            subject=edited["subject"],
            body=edited["body"],
            actor=verdict.actor,
            id=self._engine.new_id(),
            now=self._engine.clock(),
        )
        return version.id

    def _resume(self, session: TenantSession, review: Review, verdict: Verdict, slot: Slot) -> Run:
        asked = runs.get(session, review.run_id)
        assert asked is not None
        message = verdict.message or verdict.reason
        later = self._engine.clock() + verdict.window if verdict.window else None
        how = verdict.resume or Resume(Options.model_validate(asked.options).onward(), asked.meta, later)
        run = Run(
            id=self._engine.new_id(),
            thread_id=review.thread_id,
            graph=asked.graph,
            key=resume_key(review.id),
            trigger=Trigger.REVIEW,
            parent_id=asked.id,
            resume=questions.answer(review, verdict.type, args=verdict.args, message=message),
            options=how.options.stored(),
            meta=how.meta,
            not_before=how.not_before,
            assistant_id=asked.assistant_id,
            provider=asked.provider,
            queue=asked.queue,
            created_at=self._engine.clock(),
        )
        busy = {"status": ThreadStatus.BUSY, "updated_at": run.created_at}
        change(session, Thread, {"id": run.thread_id}, busy)
        return runs.add(session, slot.admit(run))


def resume_key(review_id: str) -> str:
    """The key of the run that carries out the decision on the review."""
    return f"review:{review_id}"


def existing(session: TenantSession, review_id: str) -> Review:
    if (review := reviews.get(session, review_id)) is None:
        raise NotFound.of("review", review_id)
    return review


def _lost(session: TenantSession, review_id: str) -> Conflict:
    """Why the review waits no more."""
    if winner := reviews.decision_of(session, review_id):
        return AlreadyDecided(review_id, winner.actor, winner.type)
    return Conflict(f"review {review_id!r} was withdrawn: its run was cancelled")


def _check_allowed(review: Review, verdict: Verdict) -> None:
    if verdict.type not in (allowed := questions.allowed(review)):
        raise BadRequest(f"this review allows {', '.join(allowed)}, not {verdict.type}")


def _check_edit(review: Review, verdict: Verdict) -> None:
    """What the graph could not use is refused now: later, the decision would be taken and the run fail."""
    if review.kind != ReviewKind.CRM_CONFLICT or verdict.type is not DecisionType.EDIT:
        return
    try:
        resolve({}, questions.edited(review, verdict.args))
    except (BadResolution, KeyError) as error:
        raise BadRequest(f"the edit of the deal is wrong: {error}") from error


def _check_version(review: Review, verdict: Verdict) -> None:
    if review.draft_version is not None and verdict.version != review.draft_version:
        raise Conflict(
            f"the decision is about draft version {verdict.version}, "
            f"the review shows {review.draft_version}: read it again"
        )


def card_of(session: TenantSession, review_id: str) -> Card:
    review = existing(session, review_id)
    pair = find(session, Partnership, {"id": review.partnership_id}) if review.partnership_id else None
    ids = (pair.company_a_id, pair.company_b_id) if pair else ()
    versions = find_all(session, Draft, {"thread_id": review.thread_id})
    found = find_all(session, Company, {"id": ids}) if ids else []
    return Card(
        review=review,
        decision=reviews.decision_of(session, review_id),
        draft=find(session, Draft, {"id": review.draft_id}) if review.draft_id else None,
        versions=sorted(versions, key=lambda it: it.version),
        partnership=pair,
        companies=sorted(found, key=lambda it: ids.index(it.id)),
    )
