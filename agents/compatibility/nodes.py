"""The nodes that pick the pairs worth a look, and that say of one pair how well it fits and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from agents.context import Context
from agents.scout.state import ScoutState
from memory.partnerships import Scored, upsert_scored

from . import rows
from .candidates import candidates, rank
from .ecosystem import Pair, pair
from .factors import Factor
from .landscape import Landscape, look
from .reasons import Reason, reasons, synergy_areas
from .rows import News, Scene
from .score import METHOD, Assessment, assess
from .state import CompatibilityState


async def shortlist(state: ScoutState, runtime: Runtime[Context]) -> Command[Literal["start"]]:
    """The best pairs of the companies that the new articles tell news of, at most policy.shortlist."""
    ctx = runtime.context
    news = await ctx.memory.read(rows.news_of, state.get("companies", []), state.get("articles", []))
    pairs = rank(await _assessed(ctx, news), ctx.policy.shortlist) if news.fresh else []
    return Command(goto="start", update={"pairs": [list(it) for it in pairs]})


async def compatibility(
    state: CompatibilityState, runtime: Runtime[Context]
) -> Command[Literal["outreach", "__end__"]]:
    """Score the pair and put it on record; a letter is written when the score reaches the threshold."""
    ctx = runtime.context
    ids = pair(state["company_a_id"], state["company_b_id"])
    scene = await ctx.memory.read(rows.scene_of, ids, state.get("signal_ids", []))
    if len(scene.companies) < len(ids):
        return Command(goto="__end__", update={"score": None})
    landscape = await look(ctx.vectors, scene.listings, scene.companies, scene.fields)
    found = _found(ids, landscape, scene)
    row = await ctx.memory.write(upsert_scored, _scored(ids, found), ctx.clock())
    fits = row.score is not None and row.score >= ctx.policy.threshold
    return Command(goto="outreach" if fits else "__end__", update={**found, "partnership_id": row.id})


async def _assessed(ctx: Context, news: News) -> dict[Pair, Assessment]:
    """Every candidate pair of two vendors with what is known of it."""
    await ctx.vectors.refresh()
    seen = await look(ctx.vectors, news.listings, news.fresh)
    fresh = [id for id, it in seen.profiles.items() if it.vendor]
    found = candidates(fresh, seen.ecosystem, ctx.vectors.nearest, news.together) - news.barred
    companies = await ctx.memory.read(rows.companies_of, sorted({id for it in found for id in it}))
    landscape = await look(ctx.vectors, news.listings, companies)
    vendors = {id: it for id, it in landscape.profiles.items() if it.vendor}
    return {
        (a, b): assess(vendors[a], vendors[b], landscape.ecosystem)
        for a, b in sorted(found)
        if a in vendors and b in vendors
    }


def _found(ids: Pair, landscape: Landscape, scene: Scene) -> CompatibilityState:
    a, b = (landscape.profiles[id] for id in ids)
    assessment = assess(a, b, landscape.ecosystem)
    return {
        "score": assessment.score,
        "confidence": assessment.confidence,
        "factors": [_factor(it) for it in assessment.factors],
        "reasons": [_reason(it) for it in reasons(a, b, assessment, landscape, scene.news)],
        "synergy_areas": synergy_areas(a, b, assessment),
        "method": METHOD,
    }


def _scored(ids: Pair, found: CompatibilityState) -> Scored:
    return Scored(
        company_a_id=ids[0],
        company_b_id=ids[1],
        score=found["score"],
        confidence=found["confidence"],
        factors=found["factors"],
        reasons=[it["text"] for it in found["reasons"]],
        synergy_areas=found["synergy_areas"],
        method=found["method"],
    )


def _factor(factor: Factor) -> dict[str, Any]:
    shown = {**asdict(factor), "weight": factor.weight}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in shown.items()}


def _reason(reason: Reason) -> dict[str, Any]:
    return {"text": reason.text, "evidence": list(reason.evidence)}
