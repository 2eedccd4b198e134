"""What a model thinks of a pair: how much the two add to each other, and how much they compete."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from agents.context import Context
from agents.evidence.grounds import Problem
from agents.evidence.holding import Claim, hold
from agents.evidence.record import Record

from .asking import Judged, ask, left_out
from .factors import FactorName
from .taxonomy import categorise

WHAT, AGENT = "judgement", "compatibility"
# How far a model may move a factor: where a source names both categories the rules stand on a word of the
# record; where one is read out of a description, a reader may well understand it better than they do.
NAMED, DESCRIBED = 0.1, 0.2


class Opinion(BaseModel):
    """A value in 0..1 and the sentences it rests on; none when the facts say nothing of it."""

    value: float = Field(ge=0, le=1)
    reasons: list[Claim] = Field(max_length=4)


class Judgement(BaseModel):
    """What a model is asked for."""

    complementarity: Opinion
    competition: Opinion


class Estimate(TypedDict):
    """value: the factor's in 0..1; share: how far it may move; reasons: {text, evidence: [id]}."""

    factor: FactorName
    value: float
    share: float
    reasons: list[dict[str, Any]]


class Verdict(TypedDict):
    """As it goes through checkpoints. estimates: of the factors that the evidence lets the model speak of."""

    judged: Judged
    estimates: list[Estimate]


async def judge(ctx: Context, record: Record, thread_id: str) -> Verdict | None:
    """None when there is no model to ask. An opinion of which no reason holds is dropped."""
    answer, judged = await ask(ctx, WHAT, Judgement, record, agent=AGENT, thread_id=thread_id)
    if judged is None or answer is None:
        return judged and {"judged": judged, "estimates": []}
    estimates: list[Estimate] = []
    problems: list[Problem] = []
    for factor, value, reasons in _proposed(answer):
        held = await hold(ctx, reasons, record, ctx.policy.lang)
        problems += held.dropped
        if held.kept:
            shown = [it.model_dump() for it in held.kept]
            estimates.append({"factor": factor, "value": value, "share": _share(record), "reasons": shown})
    return {"judged": {**judged, "note": left_out(problems, ctx.policy.lang)}, "estimates": estimates}


def _share(record: Record) -> float:
    named = all(categorise(company.industry, None) for company in record.pair)
    return NAMED if named else DESCRIBED


def _proposed(answer: Judgement) -> list[tuple[FactorName, float, list[Claim]]]:
    """In the words of the factors: the more two products compete, the less there is no competition."""
    rivalry, fit = answer.competition, answer.complementarity
    return [
        ("no_competition", 1 - rivalry.value, rivalry.reasons),
        ("complementarity", fit.value, fit.reasons),
    ]
