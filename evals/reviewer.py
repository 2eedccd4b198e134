"""A reviewer who follows a plan: what Artel asks is decided as written down, and nobody is asked.

A language model in a person's place would add failures of its own, so there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from graphs.runtime.errors import ArtelError
from graphs.runtime.reviews import Verdict
from graphs.runtime.services import Services
from memory.models import DecisionType, Review, ReviewKind, Run, RunStatus
from memory.reviews import Filter

ACTOR = "person:plan"


class Step(BaseModel, frozen=True, extra="forbid"):
    """One decision on a review of this kind. args: what an edit changes; message: a reason or a remark;
    again: it is sent twice, and the second must be refused."""

    kind: ReviewKind = ReviewKind.OUTREACH
    type: DecisionType
    args: dict[str, Any] | None = None
    message: str | None = None
    again: bool = False


@dataclass
class Reviewed:
    """run: the last one, ended or waiting; reviews: those decided, in order; surprises: where the plan and
    what was asked went apart, a line each; refused: what a second sending was told."""

    run: Run
    reviews: list[Review] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


async def follow(artel: Services, run: Run, plan: Sequence[Step]) -> Reviewed:
    """Wait for the run, decide what it asks by the next step, and so on to the end of the plan."""
    reviewed = Reviewed(await artel.runs.wait(run.id))
    for step in plan:
        if (review := await _asked(artel, reviewed.run)) is None:
            reviewed.surprises.append(f"{step.type} of {step.kind} was planned, nothing was asked")
        elif review.kind != step.kind:
            reviewed.surprises.append(f"{step.kind} was planned, {review.kind} was asked")
            break
        else:
            await _decide(artel, review, step, reviewed)
    if reviewed.run.status == RunStatus.WAITING:
        reviewed.surprises.append("it waits for a decision that was not planned")
    return reviewed


async def _asked(artel: Services, run: Run) -> Review | None:
    waiting = await artel.reviews.page(Filter(thread_id=run.thread_id), "oldest", 1)
    return next(iter(waiting), None)


async def _decide(artel: Services, review: Review, step: Step, reviewed: Reviewed) -> None:
    verdict = Verdict(step.type, ACTOR, review.draft_version, step.args, message=step.message)
    _, run = await artel.reviews.decide(review.id, verdict)
    if step.again:
        try:
            await artel.reviews.decide(review.id, verdict)
            reviewed.surprises.append(f"{step.type} was taken twice")
        except ArtelError as error:
            reviewed.refused.append(str(error))
    reviewed.run = await artel.runs.wait(run.id)
    reviewed.reviews.append(review)
