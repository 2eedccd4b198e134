"""How long a process may go on without an answer, and the process's own view of that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

FORGOTTEN_S = 3600.0
"""For how long the row of a dead member is kept, for a person to read."""


_AGAIN_S = 1.0


class AlreadyJoined(Exception):
    """Another process holds this member's place."""


class Lost(Exception):
    """The place is gone: the lease has passed, or others have declared this member dead."""


@dataclass(frozen=True)
class Timing:
    """A member beats every `beat_s`; others take it for dead when they saw no beat for `lease_s`."""

    lease_s: float
    beat_s: float

    def __post_init__(self) -> None:
        if not 0 < self.beat_s * 2 <= self.lease_s:
            raise ValueError(f"a lease of {self.lease_s} s is too short for a beat every {self.beat_s} s")

    @property
    def answer_s(self) -> float:
        """How long to wait for the answer to a beat: whoever gets none gives up before the lease passes."""
        return (self.lease_s - self.beat_s) / 2

    @property
    def grace_s(self) -> float:
        """Longer than a running process needs to notice that its connection is gone."""
        return self.beat_s * 2


class Lease:
    """When a beat was last answered, seen from inside. Reckoned from its sending, so it ends first here."""

    def __init__(self, length_s: float, monotonic: Callable[[], float]) -> None:
        self.lost = asyncio.Event()
        self.now = monotonic
        self._length_s = length_s
        self._renewed = monotonic()

    def holds(self) -> bool:
        return not self.lost.is_set() and self.left() > 0

    def left(self) -> float:
        return self._renewed + self._length_s - self.now()

    def renew(self, sent: float) -> None:
        self._renewed = sent


async def end(task: asyncio.Task[None]) -> None:
    """Cancel the task until it has ended: asyncio.wait_for, which psycopg uses too, loses a cancellation that
    comes together with its result (up to Python 3.11).
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_AGAIN_S)
