"""A client's wish to run something, read into what the service of runs takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from graphs.runtime.assistants import settled
from graphs.runtime.errors import BadRequest, Conflict, NotFound
from graphs.runtime.options import Options
from graphs.runtime.people.rights import Permission, Person
from graphs.runtime.runs import Request
from graphs.runtime.services import Services
from graphs.runtime.states import Place
from memory import threads
from memory.db import TenantSession
from memory.models import Assistant, Run, Thread, Trigger
from tools.webhooks import WebhookRefused

from .resume import Answer, answer_to, answered
from .run_schemas import How, RunIn
from .schemas import CheckpointIn

# What clients repeat in `configurable` although the address or the server says it.
_SAID_ELSEWHERE = frozenset(
    {"thread_id", "checkpoint_id", "checkpoint_ns", "checkpoint_map", "assistant_id", "graph_id", "run_id"}
)


@dataclass(frozen=True)
class Order:
    """What to start; answer: a client's, for which the thread has to wait."""

    request: Request
    answer: Answer | None = None


async def place(services: Services, order: Order) -> Run:
    """Start it. Errors: Conflict when the thread is busy, or does not wait for the answer; NotFound."""
    if order.answer is not None:
        return await answered(services, order.request, order.answer)
    run, _ = await services.runs.start(order.request)
    return run


def check_rights(asker: Person, body: RunIn) -> None:
    """An answer is a decision; whatever else is told to the graph starts it. Errors: Forbidden."""
    command = body.command
    if command is None or command.resume is None or command.update or command.goto or body.input:
        asker.must(Permission.RUN_START)
    if command is not None and command.resume is not None:
        asker.must(Permission.REVIEW_DECIDE)


async def ordered(services: Services, body: RunIn, thread_id: str | None, actor: str) -> Order:
    """Errors: NotFound: the assistant, thread or checkpoint; BadRequest: settings or webhook; Conflict."""
    resume = body.command.resume if body.command else None
    assistant, thread, answer = await services.memory.read(
        _sought, services, body.assistant_id, thread_id, resume
    )
    options = await options_of(services, body, assistant)
    keeps = thread_id is not None or body.on_completion == "keep"
    told = {"multitask": body.multitask_strategy, "keep_thread": keeps, **_commanded(body)}
    options = options.model_copy(update=told)
    if thread_id is not None:
        options = await _placed(services, body, thread_id, thread, options)
    later = timedelta(seconds=body.after_seconds or 0)
    request = Request(
        assistant.graph,
        body.input or {},
        Trigger.API,
        actor,
        thread_id=thread_id,
        assistant_id=assistant.id,
        options=options,
        meta=body.metadata,
        not_before=services.clock() + later if later else None,
    )
    return Order(request, answer)


async def options_of(services: Services, how: How, assistant: Assistant) -> Options:
    """The run's settings over the assistant's. Errors: BadRequest naming what no run knows."""
    config, context = settled(_configured(how.config), how.context)
    await check_webhook(services, how.webhook)
    try:
        return Options.model_validate(
            {
                "config": _over(assistant.config, config),
                "context": {**assistant.context, **context},
                "stream": how.stream_mode,
                "subgraphs": how.stream_subgraphs,
                "interrupt_before": how.interrupt_before,
                "interrupt_after": how.interrupt_after,
                "webhook": how.webhook,
            }
        )
    except ValidationError as error:
        raise BadRequest(str(error.errors()[0]["msg"])) from error


async def check_webhook(services: Services, url: str | None) -> None:
    """Errors: BadRequest for an address that is not called."""
    try:
        if url is not None:
            await services.webhooks.check(url)
    except WebhookRefused as error:
        raise BadRequest(f"webhook: {error}") from error


def _configured(config: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the server says itself: a graph that calls this one passes on its own place."""
    inner = config.get("configurable")
    if not isinstance(inner, dict):
        return dict(config)
    own = {name: it for name, it in inner.items() if name not in _SAID_ELSEWHERE and name[:2] != "__"}
    return {**config, "configurable": own}


def _over(under: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {**under.get("metadata", {}), **config.get("metadata", {})}
    return {**under, **config, **({"metadata": metadata} if metadata else {})}


def _commanded(body: RunIn) -> dict[str, Any]:
    if body.command is None:
        return {}
    return {"update": body.command.update, "goto": tuple(body.command.goto) or None}


def _sought(
    session: TenantSession, services: Services, assistant_id: str, thread_id: str | None, resume: Any
) -> tuple[Assistant, Thread | None, Answer | None]:
    """Errors: NotFound: the assistant, or the thread that is to be answered."""
    assistant = services.assistants.found(session, assistant_id)
    thread = threads.get(session, thread_id) if thread_id is not None else None
    if resume is None:
        return assistant, thread, None
    if thread is None:
        raise NotFound.of("thread", thread_id or "")
    return assistant, thread, answer_to(session, thread, resume)


async def _placed(
    services: Services, body: RunIn, thread_id: str, thread: Thread | None, options: Options
) -> Options:
    """With the checkpoint to start from: the one that is named, or the newest when nothing new is said."""
    named = body.checkpoint or CheckpointIn(checkpoint_id=body.checkpoint_id)
    if thread is None:
        if body.if_not_exists == "reject":
            raise NotFound.of("thread", thread_id)
        return options
    if named.thread_id not in (None, thread_id):
        raise BadRequest(f"the checkpoint is one of thread {named.thread_id!r}, not of {thread_id!r}")
    if named.checkpoint_id:
        await services.threads.states.get(Place(thread_id, named.checkpoint_id))
        return options.model_copy(update={"checkpoint_id": named.checkpoint_id})
    goes_on = body.input is None and body.command is None
    return await _going_on(services, thread, options) if goes_on else options


async def _going_on(services: Services, thread: Thread, options: Options) -> Options:
    """Without an input a thread that was stopped before a node goes on from there."""
    if thread.interrupts:
        raise Conflict(f"thread {thread.id!r} waits for an answer: send it as command.resume")
    state = await services.threads.states.get(Place(thread.id))
    stands = state["checkpoint"]["checkpoint_id"] if state["next"] else None
    return options.model_copy(update={"checkpoint_id": stands})
