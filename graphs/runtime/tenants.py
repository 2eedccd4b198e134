"""Each tenant's services, made when they are first asked for, and what works for them beside the runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from .deliveries import Deliverer
from .housekeeper import Housekeeper
from .scheduler import Scheduler

S = TypeVar("S")


class Background:
    """Works from when it is made until `stop`. scheduler: None where schedules are not fired."""

    def __init__(self, deliverer: Deliverer, housekeeper: Housekeeper, scheduler: Scheduler | None) -> None:
        self._deliverer = deliverer
        self._housekeeper = housekeeper
        self._scheduler = scheduler
        # No task group: it would wrap the errors of the block.
        self._tasks = [asyncio.create_task(work()) for work in (deliverer.run, housekeeper.run)]
        if scheduler is not None:
            scheduler.start()

    async def stop(self) -> None:
        if self._scheduler is not None:
            await self._scheduler.stop()
        self._deliverer.stop()
        self._housekeeper.stop()
        await asyncio.gather(*self._tasks)


class Tenants(Generic[S]):
    """make: the services of a tenant; begin: their work, with or without schedules."""

    def __init__(self, make: Callable[[str], S], begin: Callable[[S, bool], Background]) -> None:
        self._make = make
        self._begin = begin
        self._made: dict[str, S] = {}
        self._works: list[Background] = []
        self._schedules: bool | None = None

    def of(self, tenant: str) -> S:
        if tenant not in self._made:
            self._made[tenant] = self._make(tenant)
            if self._schedules is not None:
                self._works.append(self._begin(self._made[tenant], self._schedules))
        return self._made[tenant]

    @asynccontextmanager
    async def working(self, *, schedules: bool) -> AsyncIterator[None]:
        """While the block lasts, what works beside the runs does so for every tenant that is known."""
        self._schedules = schedules
        self._works += [self._begin(services, schedules) for services in self._made.values()]
        try:
            yield
        finally:
            self._schedules = None
            for work in self._works:
                await work.stop()
