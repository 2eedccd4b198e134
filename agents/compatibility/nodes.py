"""The nodes that pick the pairs worth a look, and that say of one pair how well it fits and why.

Rules score every pair. Models are asked of those that would be proposed, and of no other: about the pair and
about its risks at once, in two nodes, so that what one has answered is kept whatever becomes of the other.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from agents.context import Context
from agents.evidence.record import NEWS, Record
from agents.evidence.rows import record_of
from agents.scout.state import ScoutState
from memory.partnerships import Scored, upsert_scored

from . import judgement, risks, rows
from .candidates import candidates, rank
from .ecosystem import Pair, pair
from .factors import Factor
from .landscape import Landscape, look
from .reasons import Reason, reasons, synergy_areas
from .rows import News, Scene
from .score import METHOD, Assessment, assess
from .state import CompatibilityState
from .weighing import cited, judged


async def shortlist(state: ScoutState, runtime: Runtime[Context]) -> Command[Literal["start"]]:
    """The best pairs of the companies that the new articles tell news of, at most policy.shortlist."""
    ctx = runtime.context
    news = await ctx.memory.read(rows.news_of, state.get("companies", []), state.get("articles", []))
    pairs = rank(await _assessed(ctx, news), ctx.policy.shortlist) if news.fresh else []
    return Command(goto="start", update={"pairs": [list(it) for it in pairs]})


async def compatibility(
    state: CompatibilityState, runtime: Runtime[Context]
) -> Command[Literal["judge", "warn", "__end__"]]:
    """Score the pair by the rules and put it on record; it goes on when the score reaches the threshold."""
    ctx = runtime.context
    ids = pair(state["company_a_id"], state["company_b_id"])
    scene = await ctx.memory.read(rows.scene_of, ids, state.get("signal_ids", []))
    if len(scene.companies) < len(ids):
        return Command(goto="__end__", update={"score": None})
    landscape = await look(ctx.vectors, scene.listings, scene.companies, scene.fields)
    found = _found(ids, landscape, scene)
    row = await ctx.memory.write(upsert_scored, _scored(ids, found), ctx.clock())
    update = {**found, "partnership_id": row.id}
    if not _fits(ctx, row.score):
        return Command(goto="__end__", update=update)
    return Command(goto=["judge", "warn"], update=update)


async def judge(state: CompatibilityState, runtime: Runtime[Context]) -> Command[Literal["weigh"]]:
    """Ask how much the two complement each other, and how much they compete."""
    ctx = runtime.context
    verdict = await judgement.judge(ctx, await _record(ctx, state), state["thread_id"])
    return Command(goto="weigh", update={"judgement": verdict})


async def warn(state: CompatibilityState, runtime: Runtime[Context]) -> Command[Literal["weigh"]]:
    """Ask what could go wrong between them."""
    ctx = runtime.context
    warned = await risks.warn(ctx, await _record(ctx, state), state["thread_id"])
    return Command(goto="weigh", update={"warned": warned})


async def weigh(
    state: CompatibilityState, runtime: Runtime[Context]
) -> Command[Literal["outreach", "__end__"]]:
    """Put on record what the models said; where none could be asked, what the rules said stands.

    A judgement may take a pair back, but only the rules propose one.
    """
    ctx, verdict, warned = runtime.context, state.get("judgement"), state.get("warned")
    if verdict is None and warned is None:
        return Command(goto="outreach")
    found = judged(state, verdict, warned)
    ids = pair(state["company_a_id"], state["company_b_id"])
    save = _scored(ids, {**state, **found}), state.get("signal_ids", []), cited(found)
    row = await ctx.memory.write(rows.save_judged, *save, ctx.clock())
    return Command(goto="outreach" if _fits(ctx, row.score) else "__end__", update=found)


async def _record(ctx: Context, state: CompatibilityState) -> Record:
    ids = pair(state["company_a_id"], state["company_b_id"])
    record = await ctx.memory.read(record_of, ids, state.get("signal_ids", []))
    return replace(record, news=record.news[:NEWS])


def _fits(ctx: Context, score: float | None) -> bool:
    return score is not None and score >= ctx.policy.threshold


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
        "risks": [],
        "judged": [],
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
        risks=found["risks"],
        judged=found["judged"],
    )


def _factor(factor: Factor) -> dict[str, Any]:
    shown = {**asdict(factor), "weight": factor.weight}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in shown.items()}


def _reason(reason: Reason) -> dict[str, Any]:
    return {"text": reason.text, "evidence": list(reason.evidence)}
