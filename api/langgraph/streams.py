"""A run's answer while it comes: its frames as server-sent events, or its values once they are there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from api.sse import PING_S
from graphs.runtime.errors import ArtelError, BadRequest, NotFound
from graphs.runtime.services import Services
from memory import runs, threads
from memory.db import TenantSession
from memory.models import Run, RunStatus, Thread

from .addresses import locations
from .encoding import encode
from .run_schemas import error_of

_FAILED = (RunStatus.FAILED, RunStatus.DEAD)
# Told whatever modes a listener has asked for.
_ALWAYS = frozenset({"metadata", "error"})
_END = object()
# Tasks that outlive their request; without a reference they could be collected half-way.
_left: set[asyncio.Task[None]] = set()


class ServerStops(Exception):
    """The answer breaks off, so that the client knows it is not whole and asks for the run again."""


class _Breakable(StreamingResponse):
    """An answer without its last chunk when the server stops: the connection is then closed."""

    async def stream_response(self, send: Send) -> None:
        with suppress(ServerStops):
            await super().stream_response(send)


@dataclass(frozen=True)
class Leaving:
    """Whether the run is to be cancelled when its client goes away before the end."""

    services: Services
    actor: str
    cancel: bool = False

    def left(self, run: Run, *, ended: bool) -> None:
        """The client has its answer (`ended`) or is gone."""
        if self.cancel and not ended:
            task = asyncio.create_task(self._cancel(run))
            _left.add(task)
            task.add_done_callback(_left.discard)

    async def _cancel(self, run: Run) -> None:
        with suppress(ArtelError):
            await self.services.runs.cancel(run.id, self.actor)


def waited(run: Run, leaving: Leaving, closing: asyncio.Event) -> Response:
    """The values that the run leaves, with spaces before them while it runs: proxies drop silent answers."""
    body = _patient(run, leaving, closing)
    return _Breakable(body, media_type="application/json", headers=locations(run, "join"))


def streamed(
    run: Run, leaving: Leaving, closing: asyncio.Event, *, after: int = 0, modes: Collection[str] = ()
) -> Response:
    """The run's frames that follow number `after`; with `modes` only those."""
    body = _events(run, leaving, closing, after, frozenset(modes))
    return EventSourceResponse(body, headers={"Cache-Control": "no-store", **locations(run, "stream")})


def number(last_event_id: str) -> int:
    """The frame after which to go on: 0 for `-1` and for nothing. Errors: BadRequest."""
    if last_event_id in ("", "-1"):
        return 0
    if not (last_event_id.isascii() and last_event_id.isdecimal() and len(last_event_id) < 10):
        raise BadRequest(f"Last-Event-ID is a frame's number or -1, not {last_event_id!r}")
    return int(last_event_id)


async def values_of(services: Services, run_id: str) -> dict[str, Any]:
    """What the run answers with once it has ended: its values and questions, or its error."""
    await services.runs.over(run_id)
    return await services.memory.read(_values, run_id)


def _values(session: TenantSession, run_id: str) -> dict[str, Any]:
    if (run := runs.get(session, run_id)) is None:
        raise NotFound.of("run", run_id)
    if run.status in _FAILED:
        return {"__error__": error_of(run)}
    asked = _questions(session, run) if run.status == RunStatus.WAITING else []
    return {**run.result, **({"__interrupt__": asked} if asked else {})}


def _questions(session: TenantSession, run: Run) -> list[dict[str, Any]]:
    thread: Thread | None = threads.get(session, run.thread_id)
    standing = thread.interrupts if thread and thread.last_run_id == run.id else {}
    return [{"value": one["value"], "id": one["id"]} for many in standing.values() for one in many]


async def _patient(run: Run, leaving: Leaving, closing: asyncio.Event) -> AsyncIterator[bytes]:
    services, ended = leaving.services, False
    try:
        async with aclosing(_pinged(lambda: values_of(services, run.id), closing)) as coming:
            async for values in coming:
                if values is None:
                    yield b"\n"
                    continue
                ended = True
                yield encode(values)
                return
        ended = True
        raise ServerStops("the server stops: join the run")
    finally:
        leaving.left(run, ended=ended)


async def _events(
    run: Run, leaving: Leaving, closing: asyncio.Event, after: int, modes: frozenset[str]
) -> AsyncIterator[bytes]:
    ended = False
    frames = _frames(leaving.services, run, after, modes)
    try:
        # The frames close themselves: what waits for the next one is cancelled inside of them.
        async with aclosing(_pinged(lambda: anext(frames, _END), closing)) as coming:
            async for frame in coming:
                if frame is _END:
                    break
                yield KEEPALIVE_COMMENT if frame is None else frame
            ended = True
    finally:
        leaving.left(run, ended=ended)


async def _pinged(
    next_one: Callable[[], Awaitable[Any]], closing: asyncio.Event
) -> AsyncGenerator[Any, None]:
    """What `next_one` answers, again and again, None where that takes long, until the server closes."""
    coming = asyncio.ensure_future(next_one())
    ending = asyncio.ensure_future(closing.wait())
    try:
        while not ending.done():
            await asyncio.wait((coming, ending), timeout=PING_S, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                yield None
                continue
            yield coming.result()
            coming = asyncio.ensure_future(next_one())
    finally:
        coming.cancel()
        ending.cancel()


async def _frames(
    services: Services, run: Run, after: int, modes: frozenset[str]
) -> AsyncGenerator[bytes, None]:
    """The frames that were kept, and what none were kept of: an error that no execution told, the values
    of a run that nobody meant to listen to."""
    kept, told = bool(run.options.get("stream")), set()
    if not kept:
        yield _frame("metadata", {"run_id": run.id, "attempt": max(run.attempts, 1)})
    wanted = {"messages" if mode == "messages-tuple" else mode for mode in modes}
    async for one in services.runs.frames(run.id, after):
        told.add(mode := one.event.partition("|")[0])
        if not wanted or mode in wanted | _ALWAYS:
            yield b"event: %b\ndata: %b\nid: %d\n\n" % (one.event.encode(), one.data.encode(), one.seq)
    ended = await services.runs.get(run.id)
    if ended.status in _FAILED and "error" not in told:
        yield _frame("error", error_of(ended))
    elif ended.status not in _FAILED and not kept:
        yield _frame("values", await values_of(services, run.id))


def _frame(event: str, data: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event.encode(), encode(data))
