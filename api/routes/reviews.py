"""Reviews: the queue, the card, the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Response
from fastapi.responses import JSONResponse

from api.deps import Actor, Serving
from api.paging import cut, decode
from api.problems import of_error
from api.schemas.base import Denied, Lost
from api.schemas.decisions import (
    EXAMPLES,
    Approve,
    Decided,
    DecisionIn,
    Edit,
    EndorsedOut,
    Reject,
    Respond,
    Single,
)
from api.schemas.reviews import CardOut, ReviewLine, ReviewPage
from graphs.runtime.errors import BadRequest, Conflict, NotFound
from graphs.runtime.reviews import Card, Endorsed, Verdict
from graphs.runtime.services import Services
from memory import endorsements, reviews, signals
from memory.models import DecisionType, Draft, Evidence, Partnership, Review, ReviewKind, ReviewStatus
from memory.reviews import Filter, Position, Sort

router = APIRouter(prefix="/reviews", tags=["reviews"])


@router.get("", response_model=ReviewPage, summary="List reviews")
async def list_reviews(
    services: Serving,
    status: ReviewStatus | Literal["all"] = ReviewStatus.PENDING,
    kind: ReviewKind | None = None,
    lang: str | None = None,
    q: Annotated[str | None, Query(max_length=200, description="words of the title")] = None,
    sort: Sort = "score",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> dict[str, Any]:
    filter = Filter(None if status == "all" else status, kind, lang, q)
    rows = await services.reviews.page(filter, sort, limit + 1, decode(cursor, Position))
    page = cut(rows, limit, lambda review: Position(review.score, review.id))
    return {**page, "total": await services.reviews.count(filter)}


@router.get("/{review_id}", response_model=CardOut, summary="Look at a review: all that a decision needs")
async def get_review(review_id: str, services: Serving) -> dict[str, Any]:
    card = await services.reviews.card(review_id)
    given = await services.memory.read(endorsements.of, [card.review])
    evidence = await services.memory.read(signals.evidence_by_ids, _cited(card))
    return {**_shown(card, evidence), "endorsed_by": given.get(review_id, [])}


@router.post(
    "/{review_id}/decide",
    response_model=Decided,
    responses={
        202: {"model": EndorsedOut, "description": "the first of two approvals is kept; the review waits on"},
        403: {"model": Denied, "description": "it is over your limit, or another pair of eyes is asked for"},
        409: {"model": Lost, "description": "somebody was first, or the draft is another one now"},
    },
    summary="Decide",
)
async def decide(
    review_id: str,
    body: Annotated[DecisionIn, Body(openapi_examples=EXAMPLES)],
    services: Serving,
    actor: Actor,
) -> dict[str, Any] | Response:
    """approve, edit, reject, or respond (ask for a rewrite); LangChain's `{decisions: […]}` is read too.

    The first decision wins. Whoever comes later gets 409 with the winner and, in `yours`, all they sent.
    Where two people approve a letter, the first of them gets 202, and it waits for somebody else's approval.
    """
    verdict = await _verdict(services, review_id, body.root, actor)
    try:
        answered = await services.reviews.answer(review_id, verdict)
    except Conflict as lost:
        return of_error(lost, yours=body.model_dump(exclude_unset=True))
    if isinstance(answered, Endorsed):
        kept = EndorsedOut(review=ReviewLine.model_validate(answered.review), endorsed_by=[*answered.by])
        return JSONResponse(kept.model_dump(mode="json"), 202)
    recorded, run = answered
    return {"decision": recorded, "run_id": run.id}


async def _verdict(services: Services, review_id: str, decision: Single, actor: str) -> Verdict:
    version = decision.version
    if version is None:
        version = await _implied_version(services, review_id, decision)
    match decision:
        case Approve():
            return Verdict(DecisionType.APPROVE, actor, version)
        case Edit():
            await _check_action(services, review_id, decision)
            return Verdict(DecisionType.EDIT, actor, version, args=decision.changes())
        case Reject():
            return Verdict(
                DecisionType.REJECT, actor, version, reason=decision.reason, message=decision.message
            )
        case Respond():
            return Verdict(DecisionType.RESPOND, actor, version, message=decision.message)


async def _implied_version(services: Services, review_id: str, decision: Single) -> int | None:
    """A rejection or a remark is about what is shown now; what may leave the house has to be named."""
    review = await _existing(services, review_id)
    if review.draft_version is not None and isinstance(decision, Approve | Edit):
        raise BadRequest(f"name the draft version that you {decision.type}: send `version`")
    return review.draft_version


async def _check_action(services: Services, review_id: str, edit: Edit) -> None:
    """An edit changes what the action is done with, never which action it is."""
    if edit.edited_action is None:
        return
    review = await _existing(services, review_id)
    asked = review.request["action_requests"][0]["name"]
    if edit.edited_action.name != asked:
        raise BadRequest(f"the review asks about {asked}: an edit cannot make it {edit.edited_action.name}")


async def _existing(services: Services, review_id: str) -> Review:
    review = await services.memory.read(reviews.get, review_id)
    if review is None:
        raise NotFound.of("review", review_id)
    return review


def _cited(card: Card) -> list[str]:
    claims = card.draft.claims if card.draft else []
    risks = card.partnership.risks if card.partnership else []
    return [id for it in (*claims, *risks) for id in it["evidence"]]


def _shown(card: Card, evidence: Sequence[Evidence]) -> dict[str, Any]:
    known = {piece.id: piece for piece in evidence}
    return {
        "review": card.review,
        "decision": card.decision,
        "draft": _letter(card.draft, known) if card.draft else None,
        "versions": card.versions,
        **_pair(card.review, card.partnership, known),
        "companies": card.companies,
    }


def _pair(review: Review, pair: Partnership | None, known: Mapping[str, Evidence]) -> dict[str, Any]:
    """What is known of the pair; of a question about something else only the score that it carries."""
    if pair is None:
        unknown: dict[str, Any] = {
            "confidence": None,
            "probability": None,
            "factors": [],
            "reasons": [],
            "synergy_areas": [],
            "risks": [],
            "judged": [],
        }
        return {"score": review.score, **unknown}
    names = ("score", "confidence", "probability", "factors", "reasons", "synergy_areas", "judged")
    return {**{name: getattr(pair, name) for name in names}, "risks": _sourced(pair.risks, known)}


def _letter(draft: Draft, known: Mapping[str, Evidence]) -> dict[str, Any]:
    return {**draft.model_dump(), "claims": _sourced(draft.claims, known)}


def _sourced(lines: Sequence[dict[str, Any]], known: Mapping[str, Evidence]) -> list[dict[str, Any]]:
    """The lines with the evidence that they point at."""
    return [{**it, "evidence": [known[id] for id in it["evidence"] if id in known]} for it in lines]
