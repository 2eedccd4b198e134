"""A provider's door: its keys, and how many calls may be inside by each.

Who waits stands in a line of their own (an agent, a tenant), and the lines are served in turn, so that one
that asks for a thousand things keeps nobody else waiting. Nothing polls: whoever leaves lets the next one in,
and where time must pass a timer of the event loop does.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from .call import CallFailed, Key
from .outcome import OF_THE_KEY, Outcome

# A key that the vendor does not take, or whose account is empty, is not tried for so long.
REFUSED_S = 600.0
# What to wait after a 429 that does not say it.
LIMITED_S = 1.0


@dataclass(frozen=True)
class Limit:
    """What a vendor allows one key: calls at once, and calls begun in a second (None: any number)."""

    at_once: int
    per_second: float | None = None


@dataclass
class _Slot:
    """A key, how many calls use it, and from when it may be used again."""

    key: Key
    inside: int = 0
    free_at: float = 0.0
    refused: Outcome | None = None


@dataclass
class Door:
    keys: Sequence[Key]
    limit: Limit
    monotonic: Callable[[], float]
    _slots: list[_Slot] = field(init=False)
    _lines: dict[str, deque[asyncio.Future[_Slot]]] = field(default_factory=dict, init=False)
    _timer: asyncio.TimerHandle | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._slots = [_Slot(key) for key in self.keys]

    @asynccontextmanager
    async def enter(self, who: str) -> AsyncIterator[Key]:
        """A key to use inside of the block. Errors: CallFailed when no key is any good."""
        self._check()
        slot = self._begin() if not self._lines else None
        if slot is None:
            slot = await self._wait(who)
        try:
            yield slot.key
        finally:
            slot.inside -= 1
            self._let_in()

    def told(self, key: Key, outcome: Outcome, retry_after_s: float | None) -> None:
        """What came of a call by this key, as far as it is about the key."""
        slot = next(slot for slot in self._slots if slot.key == key)
        slot.refused = None
        if outcome is Outcome.RATE_LIMITED:
            self._rest(slot, LIMITED_S if retry_after_s is None else retry_after_s)
        elif outcome in OF_THE_KEY:
            slot.refused = outcome
            self._rest(slot, REFUSED_S)

    def ready_s(self) -> float:
        """Seconds until some key may be used, were nobody inside."""
        return max(0.0, min(slot.free_at for slot in self._slots) - self.monotonic())

    def _check(self) -> None:
        if self.ready_s() == 0:
            return
        refused = [slot.refused for slot in self._slots if slot.refused]
        if len(refused) == len(self._slots):
            names = ", ".join(str(slot.key) for slot in self._slots)
            raise CallFailed(refused[0], f"no key is taken: {names}")

    def _rest(self, slot: _Slot, seconds: float) -> None:
        slot.free_at = max(slot.free_at, self.monotonic() + seconds)

    def _begin(self) -> _Slot | None:
        """The key with the most room, used from now on."""
        now = self.monotonic()
        usable = [slot for slot in self._slots if slot.inside < self.limit.at_once and slot.free_at <= now]
        if not usable:
            return None
        slot = min(usable, key=lambda slot: (slot.inside, slot.free_at))
        slot.inside += 1
        if self.limit.per_second:
            slot.free_at = max(slot.free_at, now) + 1 / self.limit.per_second
        return slot

    async def _wait(self, who: str) -> _Slot:
        turn: asyncio.Future[_Slot] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(who, deque()).append(turn)
        self._let_in()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                turn.result().inside -= 1
                self._let_in()
            raise

    def _let_in(self) -> None:
        while self._lines:
            who, line = next(iter(self._lines.items()))
            while line and line[0].done():
                line.popleft()
            if not line:
                del self._lines[who]
            elif (slot := self._begin()) is None:
                self._wake_later()
                return
            else:
                line.popleft().set_result(slot)
                # To the end: the other lines come first now.
                self._lines[who] = self._lines.pop(who)

    def _wake_later(self) -> None:
        """Once a key has rested. A key that is full wakes us by itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        resting = [slot.free_at for slot in self._slots if slot.inside < self.limit.at_once]
        if resting:
            seconds = max(0.0, min(resting) - self.monotonic())
            self._timer = asyncio.get_running_loop().call_later(seconds, self._let_in)
