"""Calls that block, done for an event loop by a few threads.

An executor of the standard library makes two futures and a lock for each call, which costs the processor
several times what a row that is found by its key does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Turns:
    """`many` threads; calls begin in the order in which they are asked for."""

    def __init__(self, many: int, name: str) -> None:
        self._asked: SimpleQueue[_Call[Any] | None] = SimpleQueue()
        self._threads = [Thread(target=self._work, name=f"{name}-{n}", daemon=True) for n in range(many)]
        for thread in self._threads:
            thread.start()

    async def ask(self, work: Callable[[], T]) -> T:
        """What `work()` answers. Cancelled before a thread has begun, it is not done."""
        call = _Call(work)
        self._asked.put(call)
        return await call.answer

    async def insist(self, work: Callable[[], T]) -> T:
        """As `ask`, but it is done, and waited for, however often the caller is cancelled."""
        call = _Call(work, firm=True)
        self._asked.put(call)
        try:
            return await call.answer
        except asyncio.CancelledError:
            await call.end()
            raise

    def close(self) -> None:
        """Waits for what was asked for."""
        for _ in self._threads:
            self._asked.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (call := self._asked.get()) is not None:
            call.do()
            # Else it would live, with its answer, until the next one comes.
            del call


class _Call(Generic[T]):
    """answer: done in the loop that asked."""

    def __init__(self, work: Callable[[], T], *, firm: bool = False) -> None:
        self._loop = asyncio.get_running_loop()
        self._work = work
        self._firm = firm
        self._over = asyncio.Event()
        self.answer: asyncio.Future[T] = self._loop.create_future()

    def do(self) -> None:
        """In a thread."""
        if self.answer.cancelled() and not self._firm:
            return
        try:
            told = partial(self._settle, self.answer.set_result, self._work())
        except BaseException as error:
            told = partial(self._settle, self.answer.set_exception, error)
        # A loop that was closed since waits for nothing.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(told)

    async def end(self) -> None:
        while not self._over.is_set():
            with suppress(asyncio.CancelledError):
                await self._over.wait()

    def _settle(self, settle: Callable[[Any], None], outcome: Any) -> None:
        self._over.set()
        if not self.answer.done():
            settle(outcome)
