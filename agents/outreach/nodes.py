"""The nodes that write a letter, ask a person about it, and send what the person let go."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

from agents.context import Context
from agents.evidence.record import Record
from agents.evidence.rows import companies_named
from memory import drafts, effects, partnerships
from memory.ids import derived
from memory.models import Draft, PartnershipStatus, Usage
from tools.llm.completion import Completion
from tools.mail import Letter

from . import rows
from .errors import NotApproved
from .letter import LetterText
from .question import decision, question
from .state import OutreachState
from .task import Task, next_task
from .writing import draft_of, grounded, openings, prompt_for


async def outreach(state: OutreachState, runtime: Runtime[Context]) -> Command[Literal["review"]]:
    """Write the next version of the letter, in answer to the remark if there is one."""
    ctx = runtime.context
    task = next_task(state, ctx.policy)
    record = await ctx.memory.read(rows.record_of, state)
    draft = await ctx.memory.read(drafts.get, task.draft_id) or await _write(ctx, state, record, task)
    return Command(goto="review", update=_shown(draft, record, task))


async def review(
    state: OutreachState, runtime: Runtime[Context]
) -> Command[Literal["send", "outreach", "reject"]]:
    """Ask a person. Nothing else happens here, because a resume runs the node from its start."""
    decided = decision(interrupt(question(state)))
    if decided.type == "respond":
        return Command(goto="outreach", update={"decision": decided.type, "remark": decided.message})
    if decided.type == "reject":
        return Command(goto="reject", update={"decision": decided.type, "reason": decided.message})
    return Command(goto="send", update={"decision": decided.type})


async def send(state: OutreachState, runtime: Runtime[Context]) -> Command[Literal["crm_sync"]]:
    """Send the version that stands approved in the database, whatever the graph was resumed with.

    Errors: NotApproved, tools.mail.MailError.
    """
    ctx = runtime.context
    draft = await _approved(ctx, state)
    await _send(ctx, draft)
    contacted = PartnershipStatus.CONTACTED
    await ctx.memory.write(partnerships.set_status, state["partnership_id"], contacted, None, ctx.clock())
    return Command(goto="crm_sync", update=_text(draft))


async def reject(state: OutreachState, runtime: Runtime[Context]) -> Command[Literal["analytics"]]:
    """Note that a person turned the pair down, and why."""
    ctx, rejected = runtime.context, PartnershipStatus.REJECTED
    await ctx.memory.write(
        partnerships.set_status, state["partnership_id"], rejected, state.get("reason"), ctx.clock()
    )
    return Command(goto="analytics")


async def _write(ctx: Context, state: OutreachState, record: Record, task: Task) -> Draft:
    previous = await ctx.memory.read(drafts.latest, task.thread_id) if task.remark else None
    sender = ctx.policy.sender
    prompt = prompt_for(record, task, sender, previous)
    asked = ctx.clock()
    completion = await ctx.llm.complete(prompt, LetterText, agent="outreach", thread_id=task.thread_id)
    call = _usage(completion, task, asked, ctx.clock())
    companies = await ctx.memory.read(companies_named, openings(completion.value))
    held = grounded(completion.value, record, task, sender, companies, prompt)
    draft = draft_of(
        held,
        completion,
        prompt,
        record,
        task,
        sender=sender,
        partnership_id=state["partnership_id"],
        now=call.created_at,
    )
    # What a model was asked, the router has recorded.
    return await ctx.memory.write(rows.save, draft, record, call if completion.offline else None)


async def _approved(ctx: Context, state: OutreachState) -> Draft:
    thread, shown = state["thread_id"], state["draft_version"]
    draft = await ctx.memory.read(drafts.approved_draft, thread)
    if draft is None or draft.version < shown:
        raise NotApproved(
            f"version {shown} of the letter of thread {thread!r} has no approval: decide its review"
        )
    return draft


async def _send(ctx: Context, draft: Draft) -> None:
    sender, key = ctx.policy.sender, f"letter:{draft.id}"
    letter = Letter(
        to_name=draft.to_name,
        to_email=draft.to_email,
        from_name=f"{sender.name}, {sender.company}",
        from_email=sender.email,
        subject=draft.subject,
        body=draft.body,
        lang=draft.lang,
    )

    async def perform() -> dict[str, Any]:
        return asdict(await ctx.mail.send(letter, key))

    await effects.once(
        ctx.memory,
        key=key,
        kind="letter",
        thread_id=draft.thread_id,
        payload={"draft_id": draft.id, "version": draft.version, "to": draft.to_email or draft.to_name},
        perform=perform,
        clock=ctx.clock,
    )


def _shown(draft: Draft, record: Record, task: Task) -> dict[str, Any]:
    """What the review shows, and how the next version is to be written; the remark is answered."""
    recipient, partner = record.pair
    return {
        **_text(draft),
        "to": draft.to_email or draft.to_name,
        "recipient": recipient.name,
        "partner": partner.name,
        "lang": task.lang,
        "style": task.style,
        "short": task.short,
        "note": draft.note,
        "remark": None,
    }


def _text(draft: Draft) -> dict[str, Any]:
    return {
        "draft_id": draft.id,
        "draft_version": draft.version,
        "subject": draft.subject,
        "body": draft.body,
    }


def _usage(completion: Completion, task: Task, asked: datetime, now: datetime) -> Usage:
    return Usage(
        id=derived("usage", "outreach", task.draft_id),
        thread_id=task.thread_id,
        agent="outreach",
        provider=completion.provider,
        model=completion.model,
        tokens_in=completion.tokens_in,
        tokens_out=completion.tokens_out,
        latency_ms=(now - asked).total_seconds() * 1000,
        created_at=now,
    )
