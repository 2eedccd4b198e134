"""One decision over many reviews: each is decided by itself, and each answers for itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from memory import queue
from memory.db import Memory
from memory.reviews import Filter

from .errors import ArtelError
from .reviews import ReviewService, Verdict
from .undoing import Undo

MOST = 500
"""Decisions of one request: each is a transaction."""

Item = tuple[str, int | None]
"""(review id, the draft version that was read)"""


@dataclass(frozen=True)
class Report:
    """done: ids of what was decided; failed: (id, why) of the rest."""

    done: Sequence[str]
    failed: Sequence[tuple[str, ArtelError]]


class Bulk:
    def __init__(self, memory: Memory, reviews: ReviewService, undo: Undo) -> None:
        self._memory, self._reviews, self._undo = memory, reviews, undo

    async def matching(self, filter: Filter) -> Sequence[Item]:
        """What matches now, the newest MOST of it."""
        return await self._memory.read(queue.matching, replace(filter, status="pending"), MOST)

    async def decide(self, items: Sequence[Item], verdict: Verdict) -> Report:
        async def one(item: Item) -> None:
            await self._reviews.decide(item[0], replace(verdict, version=item[1]))

        return await _each(items, one)

    async def undo(self, ids: Sequence[str], actor: str) -> Report:
        async def one(item: Item) -> None:
            await self._undo.undo(item[0], actor)

        return await _each([(id, None) for id in ids], one)


async def _each(items: Sequence[Item], act: Callable[[Item], Awaitable[None]]) -> Report:
    done: list[str] = []
    failed: list[tuple[str, ArtelError]] = []
    for item in items[:MOST]:
        try:
            await act(item)
            done.append(item[0])
        except ArtelError as error:
            failed.append((item[0], error))
    return Report(done, failed)
