"""What happens, told at once to whoever listens in this process."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

from memory.notices import Notice


class Listener:
    """One listener's queue; it sees every notice published after it came."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Notice] = asyncio.Queue()

    def put(self, notice: Notice) -> None:
        self._queue.put_nowait(notice)

    async def next(self) -> Notice:
        return await self._queue.get()

    async def __aiter__(self) -> AsyncIterator[Notice]:
        while True:
            yield await self._queue.get()


class Events:
    """Listeners by topic; `None` listens to all. Nothing is kept: the database tells what has been."""

    def __init__(self) -> None:
        self._listeners: dict[str | None, set[Listener]] = defaultdict(set)
        self._called: dict[str, Callable[[], None]] = {}

    def call(self, topic: str, called: Callable[[], None]) -> None:
        """From now on it is called with each notice of the topic, before anything else can happen."""
        self._called[topic] = called

    def publish(self, notice: Notice) -> None:
        if called := self._called.get(notice.topic):
            called()
        for listener in (*self._listeners.get(notice.topic, ()), *self._listeners.get(None, ())):
            listener.put(notice)

    @contextmanager
    def listen(self, topic: str | None = None) -> Iterator[Listener]:
        listener = Listener()
        self._listeners[topic].add(listener)
        try:
            yield listener
        finally:
            self._listeners[topic].discard(listener)
            if not self._listeners[topic]:
                del self._listeners[topic]
