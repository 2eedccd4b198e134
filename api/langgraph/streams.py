"""A run's answer while it comes: its frames as server-sent events, or its values once they are there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from api.sse import frame, patient
from graphs.runtime.errors import ArtelError, NotFound
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
class Part:
    """Of a stream. event: `<mode>`, `<mode>|<subgraph>` or `<mode>/<kind>`; data: JSON; number: of its frame,
    if it was kept."""

    event: str
    data: bytes
    number: int | None = None

    @property
    def mode(self) -> str:
        return re.split(r"[|/]", self.event, maxsplit=1)[0]


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
        async with aclosing(patient(lambda: values_of(services, run.id), closing)) as coming:
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
        async with aclosing(patient(lambda: anext(frames, _END), closing)) as coming:
            async for part in coming:
                if part is _END:
                    break
                yield KEEPALIVE_COMMENT if part is None else part
            ended = True
    finally:
        leaving.left(run, ended=ended)


async def parts(services: Services, run: Run, after: int) -> AsyncGenerator[Part, None]:
    """The frames that were kept, and what none were kept of: an error that no execution told, the values
    of a run that nobody meant to listen to."""
    kept, told = bool(run.options.get("stream")), set()
    if not kept:
        yield Part("metadata", encode({"run_id": run.id, "attempt": max(run.attempts, 1)}))
    # The last one that was seen, too: an error is the last of all, and not told again.
    async for one in services.runs.frames(run.id, max(after - 1, 0)):
        told.add(one.event)
        if one.event != runs.NODE and one.seq > after:
            yield Part(one.event, one.data.encode(), one.seq)
    ended = await services.runs.get(run.id)
    if ended.status in _FAILED and "error" not in told:
        yield Part("error", encode(error_of(ended)))
    elif ended.status not in _FAILED and not kept:
        yield Part("values", encode(await values_of(services, ended.id)))


async def _frames(
    services: Services, run: Run, after: int, modes: frozenset[str]
) -> AsyncGenerator[bytes, None]:
    wanted = {"messages" if mode == "messages-tuple" else mode for mode in modes} | _ALWAYS
    async for part in parts(services, run, after):
        if not modes or part.mode in wanted:
            yield frame(part.event, part.data, part.number)
