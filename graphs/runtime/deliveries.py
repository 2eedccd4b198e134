"""Delivers the webhooks of ended runs: each until it is taken, refused for good or given up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

import structlog
from sqlalchemy.exc import SQLAlchemyError

from memory import deliveries
from memory.db import Memory
from memory.models import Delivery
from tools.webhooks import WebhookFailed, WebhookRefused, Webhooks

from .events import Events, Listener

log = structlog.get_logger()

BACKOFF_S = (1.0, 3600.0)
MAX_RETRY_AFTER_S = 24 * 3600.0
# What writing down the outcome may take, beyond the call itself, before others may repeat the call.
GRACE_S = 30.0
# A notice can be lost with the connection that brings it, and a clock can be set: look this often anyway.
PATROL_S = 60.0
DATABASE_AWAY_S = 5.0


class Deliverer:
    """Posts what is due, at most `at_once` calls at a time. Any number of processes may do so at once.

    A call that was not written down (its process died, the database was away) is repeated under the same
    webhook-id once its claim has run out.
    """

    def __init__(
        self,
        memory: Memory,
        webhooks: Webhooks,
        events: Events,
        clock: Callable[[], datetime],
        rng: Random,
        max_attempts: int = 8,
        at_once: int = 16,
    ) -> None:
        self._memory = memory
        self._webhooks = webhooks
        self._events = events
        self._clock = clock
        self._rng = rng
        self._max_attempts = max_attempts
        self._free = at_once
        self._stopping = False
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Until `stop()`. Cancelled instead, it drops the calls under way; they are repeated later."""
        with self._events.listen(deliveries.DUE.topic) as listener:
            async with asyncio.TaskGroup() as tasks:
                hearing = tasks.create_task(self._hear(listener))
                while not self._stopping:
                    self._wake.clear()
                    await self._wait(await self._start_due(tasks))
                hearing.cancel()

    def stop(self) -> None:
        """Start no more calls; `run()` returns when those under way have ended and are written down."""
        self._stopping = True
        self._wake.set()

    async def _hear(self, listener: Listener) -> None:
        async for _ in listener:
            self._wake.set()

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _start_due(self, tasks: asyncio.TaskGroup) -> float:
        """Start what can be started; in how many seconds to look again, if nothing wakes us before."""
        if not self._free:
            return PATROL_S
        try:
            due = await self._memory.read(deliveries.next_due)
            if due is None or due > self._clock():
                return self._seconds_to(due)
            for delivery in await self._claim():
                self._free -= 1
                tasks.create_task(self._deliver(delivery))
            return 0.0 if self._free else PATROL_S
        except SQLAlchemyError as error:
            log.error("webhooks wait for the database", error=_line(error))
            return DATABASE_AWAY_S

    async def _claim(self) -> list[Delivery]:
        now = self._clock()
        until = now + timedelta(seconds=self._webhooks.timeout_s + GRACE_S)
        return list(await self._memory.write(deliveries.claim_due, now, until, self._free))

    def _seconds_to(self, due: datetime | None) -> float:
        return PATROL_S if due is None else min(PATROL_S, (due - self._clock()).total_seconds())

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            await self._attempt(delivery)
        except SQLAlchemyError as error:
            log.error("webhook not written down", delivery_id=delivery.id, error=_line(error))
        finally:
            self._free += 1
            self._wake.set()

    async def _attempt(self, delivery: Delivery) -> None:
        try:
            await self._webhooks.post(delivery.url, delivery.payload, id=delivery.id, now=self._clock())
        except WebhookRefused as error:
            await self._failed(delivery, error, None)
        except WebhookFailed as error:
            await self._failed(delivery, error, self._again_s(delivery, error.retry_after_s))
        except Exception as error:
            # Nothing that one webhook does may end the others.
            await self._failed(delivery, error, self._again_s(delivery, None))
        else:
            await self._memory.write(deliveries.done, delivery.id, self._clock())

    def _again_s(self, delivery: Delivery, retry_after_s: float | None) -> float | None:
        if delivery.attempts >= self._max_attempts:
            return None
        return wait_s(delivery.attempts, self._rng, retry_after_s)

    async def _failed(self, delivery: Delivery, error: Exception, again_s: float | None) -> None:
        next_at = None if again_s is None else self._clock() + timedelta(seconds=again_s)
        told = {"delivery_id": delivery.id, "run_id": delivery.run_id, "attempt": delivery.attempts}
        log.warning("webhook not taken", **told, error=_line(error), next_at=next_at and next_at.isoformat())
        await self._memory.write(deliveries.failed, delivery.id, delivery.attempts, _line(error), next_at)


def wait_s(attempts: int, rng: Random, retry_after_s: float | None = None) -> float:
    """Seconds to the next attempt after so many (1, 2, …): about 2, 8, 32 … up to an hour.

    The later half is chance, so that those who failed together do not come back together. A receiver
    who asks for longer gets it, up to a day.
    """
    shortest, longest = BACKOFF_S
    ceiling = min(longest, 2 * shortest * 4.0 ** min(attempts - 1, 10))
    backoff = rng.uniform(ceiling / 2, ceiling)
    return max(backoff, min(retry_after_s or 0.0, MAX_RETRY_AFTER_S))


def _line(error: Exception) -> str:
    return " ".join((str(error) or type(error).__name__).split())[:500]
