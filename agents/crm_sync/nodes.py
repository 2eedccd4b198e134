"""The nodes that keep the deal of a partnership in step with the CRM, where people work on it too."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

from agents.context import Context
from memory import effects
from memory.pipeline import DealChanged

from . import records
from .conflict import Fields, merge, question, resolve
from .state import CrmState


async def crm_sync(
    state: CrmState, runtime: Runtime[Context]
) -> Command[Literal["crm_sync", "crm_review", "analytics"]]:
    """Write what this thread adds to the deal; what a person changed differently goes to a review."""
    ctx, pair = runtime.context, state["partnership_id"]
    wanted = await ctx.memory.read(records.wanted, pair, state["thread_id"])
    last = await ctx.memory.read(records.last_sync, pair)
    theirs = await ctx.crm.find(pair)
    merged, version = merge(last, wanted, theirs), theirs["version"] if theirs else None
    if merged.ours:
        conflict = {**asdict(merged), "wanted": wanted, "version": version}
        return Command(goto="crm_review", update={"crm_conflict": conflict})
    return await _write(ctx, state, wanted, merged.write, version, key=_key(state))


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
    key = f"{_key(state)}:resolved"
    return await _write(runtime.context, state, conflict["wanted"], fields, conflict["version"], key=key)


def _key(state: CrmState) -> str:
    return f"crm:{state['partnership_id']}:{state['thread_id']}"


async def _write(
    ctx: Context, state: CrmState, wanted: Fields, fields: dict[str, Any], version: int | None, *, key: str
) -> Command[Any]:
    pair = state["partnership_id"]

    async def perform() -> dict[str, Any]:
        deal = await _put(ctx, pair, fields, version)
        await ctx.memory.write(records.remember, pair, key, wanted, deal, ctx.clock())
        return deal

    try:
        await effects.once(
            ctx.memory,
            key=key,
            kind="crm",
            thread_id=state["thread_id"],
            payload={"deal": pair, "fields": fields, "version": version},
            perform=perform,
            clock=ctx.clock,
        )
    except DealChanged:
        # Somebody was quicker: compare anew with what they wrote.
        return Command(goto="crm_sync")
    return Command(goto="analytics", update=await _read_back(ctx, pair, wanted))


async def _put(ctx: Context, pair: str, fields: dict[str, Any], version: int | None) -> dict[str, Any]:
    if fields:
        return await ctx.crm.put(pair, fields, expected_version=version)
    # Nothing to write, and perhaps no deal: a person deleted it and wants it so.
    return await ctx.crm.find(pair) or {}


async def _read_back(ctx: Context, pair: str, wanted: Fields) -> dict[str, Any]:
    deal = await ctx.crm.find(pair)
    if deal is None:
        return {}
    if deal["stage"] != wanted["stage"]:
        await ctx.memory.write(records.follow, pair, deal, ctx.clock())
    return {"deal_version": deal["version"], "deal_stage": deal["stage"]}
