"""The stream of a thread: its runs, one after the other, for as long as somebody listens.

A frame's id is `<run's id>:<number>`, that of a run's end `<run's id>:done`: who comes again with it hears
what followed. That a state was changed by hand is told only to those who listen, without an id.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse
from starlette.responses import Response

from api.sse import frame, number_of, patient
from graphs.runtime.errors import BadRequest
from graphs.runtime.services import Services
from graphs.runtime.states import Place
from graphs.runtime.thread_states import existing
from memory import runs
from memory.db import TenantSession
from memory.models import Run

from .addresses import thread_stream
from .encoding import encode
from .streams import Part, parts

Mode = Literal["run_modes", "lifecycle", "state_update"]
_DONE = "done"


@dataclass(frozen=True)
class Position:
    """After which frame of which run; number: None when the run has been told to its end."""

    run: Run | None = None
    number: int | None = None


async def followed(
    services: Services, thread_id: str, last_event_id: str, modes: Collection[Mode], closing: asyncio.Event
) -> Response:
    """From the event `last_event_id` on, `-1` from the first run on, without one what comes from now on.

    Errors: NotFound: the thread; BadRequest for an id that no event of the thread has.
    """
    after = await services.memory.read(_position, thread_id, last_event_id)
    body = _bytes(_events(services, thread_id, after), frozenset(modes), closing)
    headers = {"Cache-Control": "no-store", "Location": thread_stream(thread_id, modes)}
    return EventSourceResponse(body, headers=headers)


def _position(session: TenantSession, thread_id: str, last_event_id: str) -> Position:
    existing(session, thread_id)
    if last_event_id == "-1":
        return Position()
    if not last_event_id:
        run = runs.newest_begun(session, thread_id)
        stands = run is not None and run.status in runs.ACTIVE
        return Position(run, runs.last_frame(session, run.id) if run and stands else None)
    run_id, _, number = last_event_id.rpartition(":")
    run = runs.get(session, run_id)
    if run is None or run.thread_id != thread_id:
        raise BadRequest(f"Last-Event-ID is no event of thread {thread_id!r}: {last_event_id!r}")
    return Position(run, None if number == _DONE else number_of(number))


async def _events(
    services: Services, thread_id: str, after: Position
) -> AsyncGenerator[tuple[Part, str | None], None]:
    """Parts with their ids."""
    with services.events.listen(runs.thread_topic(thread_id)) as listener:
        run, number = after.run, after.number
        while True:
            if run is not None and number is not None:
                async for part in parts(services, run, number):
                    yield part, f"{run.id}:{part.number}" if part.number else None
                yield _part("metadata", {"status": "run_done", "run_id": run.id}), f"{run.id}:{_DONE}"
            begun = await services.memory.read(runs.begun_after, thread_id, run.id if run else None)
            if begun is not None:
                run, number = begun, 0
                continue
            number = None
            if (await listener.next()).type == "state":
                state = await services.threads.states.get(Place(thread_id))
                yield _part("state_update", {"state": state, "thread_id": thread_id}), None


async def _bytes(
    events: AsyncGenerator[tuple[Part, str | None], None], modes: frozenset[Mode], closing: asyncio.Event
) -> AsyncIterator[bytes]:
    # The events close themselves: what waits for the next one is cancelled inside of them.
    async with aclosing(patient(lambda: anext(events), closing)) as coming:
        async for one in coming:
            if one is None:
                yield KEEPALIVE_COMMENT
            elif _is_wanted(one[0], modes):
                yield frame(one[0].event, one[0].data, one[1])


def _is_wanted(part: Part, modes: frozenset[Mode]) -> bool:
    if part.event == "state_update":
        return "state_update" in modes
    return "run_modes" in modes or ("lifecycle" in modes and part.event == "metadata")


def _part(event: str, data: object) -> Part:
    return Part(event, encode(data))
