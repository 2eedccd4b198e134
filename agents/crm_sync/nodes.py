"""The nodes that keep the deal of a partnership in step with the CRM, where people work on it too."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

from agents.context import Context
from memory import audit, companies, drafts, effects, outcomes, partnerships
from memory.db import TenantSession
from memory.ids import derived
from memory.models import DecisionType, Outcome
from memory.pipeline import DealChanged, Stage

from .conflict import Fields, Synced, merge, question, resolve
from .mapping import STATUS_OF_STAGE, deal_fields
from .state import CrmState

_SYNCED = "crm.synced"
_OUTCOME_OF_STAGE = {Stage.WON: Outcome.WON, Stage.LOST: Outcome.LOST}


async def crm_sync(
    state: CrmState, runtime: Runtime[Context]
) -> Command[Literal["crm_sync", "crm_review", "analytics"]]:
    """Write what this thread adds to the deal; what a person changed differently goes to a review."""
    ctx, pair = runtime.context, state["partnership_id"]
    wanted = await ctx.memory.read(_wanted, pair, state["thread_id"])
    last = await ctx.memory.read(_last_sync, pair)
    theirs = await ctx.crm.find(pair)
    merged, version = merge(last, wanted, theirs), theirs["version"] if theirs else None
    if merged.ours:
        conflict = {**asdict(merged), "wanted": wanted, "version": version}
        return Command(goto="crm_review", update={"crm_conflict": conflict})
    return await _write(ctx, state, wanted, merged.write, version, step="sync")


async def crm_review(state: CrmState, runtime: Runtime[Context]) -> Command[Literal["crm_write"]]:
    """Ask a person. Nothing else happens here, because a resume runs the node from its start."""
    conflict = state["crm_conflict"]
    answer = interrupt(question(conflict, deal_key=state["partnership_id"]))
    return Command(
        goto="crm_write", update={"crm_resolution": resolve(conflict["ours"], answer["decisions"][0])}
    )


async def crm_write(state: CrmState, runtime: Runtime[Context]) -> Command[Literal["crm_sync", "analytics"]]:
    """Write what the person decided, on the version that the person saw."""
    conflict = state["crm_conflict"]
    fields = {**conflict["write"], **state["crm_resolution"]}
    return await _write(
        runtime.context, state, conflict["wanted"], fields, conflict["version"], step="resolved"
    )


async def _write(
    ctx: Context, state: CrmState, wanted: Fields, fields: dict[str, Any], version: int | None, *, step: str
) -> Command[Any]:
    pair, thread = state["partnership_id"], state["thread_id"]
    key = f"crm:{pair}:{thread}:{step}"

    async def perform() -> dict[str, Any]:
        # With nothing to write there may be no deal either: a person deleted it and wants it so.
        deal = (
            await ctx.crm.put(pair, fields, expected_version=version) if fields else await ctx.crm.find(pair)
        )
        await ctx.memory.write(_remember, pair, key, Synced(wanted, deal or {}), ctx.clock())
        return deal or {}

    payload = {"deal": pair, "fields": fields, "version": version}
    try:
        await effects.once(
            ctx.memory,
            key=key,
            kind="crm",
            thread_id=thread,
            payload=payload,
            perform=perform,
            clock=ctx.clock,
        )
    except DealChanged:
        # Somebody was quicker: compare anew with what they wrote.
        return Command(goto="crm_sync")
    return Command(goto="analytics", update=await _read_back(ctx, pair, wanted))


async def _read_back(ctx: Context, pair: str, wanted: Fields) -> dict[str, Any]:
    deal = await ctx.crm.find(pair)
    if deal is None:
        return {}
    if deal["stage"] != wanted["stage"]:
        await ctx.memory.write(_follow, pair, deal, ctx.clock())
    return {"deal_version": deal["version"], "deal_stage": deal["stage"]}


def _wanted(session: TenantSession, pair: str, thread: str) -> dict[str, Any]:
    """The deal as this thread would have it: every pair here has a decided letter."""
    partnership, draft = partnerships.get(session, pair), drafts.approved_draft(session, thread)
    decision = outcomes.last_decision(session, thread)
    assert partnership is not None
    assert draft is not None
    assert decision is not None
    ids = (partnership.company_a_id, partnership.company_b_id)
    named = {company.id: company for company in companies.by_ids(session, ids)}
    return deal_fields(
        partnership, *(named[id] for id in ids), decision=DecisionType(decision.type), subject=draft.subject
    )


def _last_sync(session: TenantSession, pair: str) -> Synced | None:
    synced = [entry.detail for entry in audit.entries(session, "deal", pair) if entry.action == _SYNCED]
    return Synced(**synced[-1]) if synced else None


def _remember(session: TenantSession, pair: str, key: str, synced: Synced, now: datetime) -> None:
    audit.record(
        session,
        id=derived(_SYNCED, session.info["tenant"], key),
        actor="agent:crm_sync",
        action=_SYNCED,
        subject_type="deal",
        subject_id=pair,
        detail=asdict(synced),
        now=now,
    )


def _follow(session: TenantSession, pair: str, deal: dict[str, Any], now: datetime) -> None:
    """A person moved the deal: the partnership goes along, unless its outcome is known already."""
    stage = Stage(deal["stage"])
    row = partnerships.get(session, pair)
    assert row is not None
    if row.outcome is not None:
        return
    if outcome := _OUTCOME_OF_STAGE.get(stage):
        outcomes.record_outcome(session, pair, outcome, deal["value_rub"], "agent:crm_sync", now)
    else:
        partnerships.set_status(session, pair, STATUS_OF_STAGE[stage], row.status_reason, now)
