"""The models: whether they answer, what there is, and what the agents are to ask."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import Serving
from api.schemas.llm import OffersOut, PolicyOut, ProbesOut

router = APIRouter(prefix="/llm", tags=["llm"])


@router.post("/check", summary="Ask each provider one short question by each of its keys")
async def check(services: Serving) -> ProbesOut:
    """Nothing is told of a provider without a key. It costs some kopecks."""
    return ProbesOut.model_validate({"items": [vars(it) for it in await services.llm.check()]})


@router.get("/models", summary="What the providers offer, and which models the agents ask")
async def models(services: Serving) -> OffersOut:
    llm = services.llm
    policies = [PolicyOut(agent=agent, steps=policy.steps) for agent, policy in llm.policies.all().items()]
    offers = [vars(it) for it in await llm.offered()]
    return OffersOut.model_validate({"items": offers, "policies": policies})
