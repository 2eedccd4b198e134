"""What happens in runs, told at once to whoever listens in this process."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Event:
    """type: `status` (the run's new status) or `node` (a node that has ended, with its summary)."""

    run_id: str
    type: str
    data: dict[str, Any] = field(default_factory=dict)


class Listener:
    """One listener's queue; it sees every event published after it came."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event] = asyncio.Queue()

    def put(self, event: Event) -> None:
        self._queue.put_nowait(event)

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            yield await self._queue.get()


class Events:
    """Listeners by run; `None` listens to all. Nothing is kept: the database tells what has been."""

    def __init__(self) -> None:
        self._listeners: dict[str | None, set[Listener]] = defaultdict(set)

    def publish(self, event: Event) -> None:
        for listener in (*self._listeners.get(event.run_id, ()), *self._listeners.get(None, ())):
            listener.put(event)

    @contextmanager
    def listen(self, run_id: str | None = None) -> Iterator[Listener]:
        listener = Listener()
        self._listeners[run_id].add(listener)
        try:
            yield listener
        finally:
            self._listeners[run_id].discard(listener)
            if not self._listeners[run_id]:
                del self._listeners[run_id]
