"""The ledger of calls to models: what they may cost today, and the record of what they did cost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo

import structlog

from memory import budgets, usage
from memory.db import Memory, TenantSession
from memory.models import Usage
from tools.llm.attempt import Attempt
from tools.llm.outcome import ANSWERED
from tools.llm.question import Asker

from .purse import Purse

log = structlog.get_logger()

MESSAGE_LENGTH = 500
# Calls that end within so long are recorded together: a transaction of its own costs each ten times as much.
TOGETHER_S = 0.25


class Reserved(float):
    """Roubles that know which purses they came from: a call may end on another day than it began."""

    purses: tuple[Purse, ...]

    def __new__(cls, rub: float, purses: Sequence[Purse]) -> Reserved:
        made = super().__new__(cls, rub)
        made.purses = tuple(purses)
        return made


@dataclass(frozen=True)
class _Settled:
    """A call as it was settled. Its row is made by the thread that writes it: that takes its time."""

    id: str
    asker: Asker
    attempt: Attempt
    cost: float
    at: datetime

    def row(self) -> Usage:
        asker, attempt = self.asker, self.attempt
        return Usage(
            id=self.id,
            thread_id=asker.thread_id,
            question_id=asker.question_id or self.id,
            attempt=attempt.number,
            agent=asker.agent,
            provider=attempt.provider,
            model=attempt.model,
            key=attempt.key,
            prompt=asker.prompt,
            tokens_in=attempt.tokens.input,
            tokens_out=attempt.tokens.output,
            cost_rub=self.cost,
            outcome=attempt.outcome.value,
            message=None if attempt.outcome in ANSWERED else _line(attempt.message),
            latency_ms=attempt.seconds * 1000,
            created_at=self.at,
        )


class Spending:
    """Implements tools.llm.ledger.Ledger for one tenant in one process.

    cap: of the whole tenant, a day; the day is the zone's. What is settled is written a moment later by a
    task that works as long as there is something to write; a debt is told at once. What could not be written
    is tried again with the next call, and at the end by `aclose`.
    """

    def __init__(
        self,
        memory: Memory,
        *,
        cap: float | None,
        zone: tzinfo,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._memory = memory
        self._cap = cap
        self._zone = zone
        self._clock = clock
        self._new_id = new_id
        self._purses: dict[tuple[str, str], Purse] = {}
        self._calls: list[_Settled] = []
        self._uneven: set[Purse] = set()
        self._writing: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    async def reserve(self, asker: Asker, rub: float, cap: float | None) -> Reserved:
        """Errors: OverBudget."""
        held: list[Purse] = []
        try:
            for agent, most in ((asker.agent, cap), (budgets.TENANT, self._cap)):
                if most is not None:
                    purse = self._purse(agent)
                    await purse.draw(rub, most)
                    held.append(purse)
        except BaseException:
            self._put(held, rub)
            raise
        return Reserved(rub, held)

    def settle(self, asker: Asker, attempt: Attempt, reserved: float, cost: float) -> None:
        self._calls.append(_Settled(self._new_id(), asker, attempt, cost, self._clock()))
        if isinstance(reserved, Reserved):
            self._put(reserved.purses, reserved - cost)
        self._wake()

    async def aclose(self) -> None:
        """Write what is to be written, and give back what was not spent."""
        for purse in list(self._purses.values()):
            await purse.rested()
        self._retire(None)
        self._hurry.set()
        while self._writing is not None and not self._writing.done():
            await asyncio.wait([self._writing])
        if self._calls or self._uneven:
            await self._write()

    def _purse(self, agent: str) -> Purse:
        day = self._clock().astimezone(self._zone).date().isoformat()
        if (agent, day) not in self._purses:
            self._retire(day)
            self._purses[agent, day] = Purse(self._memory, agent, day)
        return self._purses[agent, day]

    def _retire(self, today: str | None) -> None:
        """Whatever is left of the other days is given back."""
        past = [purse for purse in self._purses.values() if purse.day != today]
        for purse in past:
            del self._purses[purse.agent, purse.day]
        self._put(past, 0.0)

    def _put(self, purses: Sequence[Purse], rub: float) -> None:
        for purse in purses:
            purse.put(rub)
            ours = self._purses.get((purse.agent, purse.day)) is purse
            if purse.uneven(purse.day if ours else None):
                self._uneven.add(purse)
                self._hurry.set()
                self._wake()

    def _wake(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())

    async def _write_all(self) -> None:
        try:
            while self._calls or self._uneven:
                with suppress(TimeoutError):
                    async with asyncio.timeout(TOGETHER_S):
                        await self._hurry.wait()
                self._hurry.clear()
                await self._write()
        except Exception:
            log.exception("calls to models are not recorded yet", calls=len(self._calls))

    async def _write(self) -> None:
        """All that has come together, in one transaction."""
        calls, self._calls = self._calls, []
        purses, self._uneven = self._uneven, set()
        changes = [(purse, purse.emptied()) for purse in purses]
        try:
            await self._memory.write(_store, calls, changes)
        except BaseException:
            # Who knows whether it was written: a call counts once however often it is written, a debt may
            # be told twice, and what was to be given back is not, so that it is never spent twice.
            self._calls = calls + self._calls
            for purse, rub in changes:
                purse.put(min(rub, 0.0))
            self._uneven |= {purse for purse, rub in changes if rub < 0}
            raise


def _store(session: TenantSession, calls: Sequence[_Settled], changes: Sequence[tuple[Purse, float]]) -> None:
    usage.record(session, *(call.row() for call in calls))
    # In one order everywhere, or two processes would wait for each other's rows.
    for purse, rub in sorted(changes, key=lambda change: (change[0].agent, change[0].day)):
        if rub < 0:
            budgets.take(session, purse.agent, purse.day, -rub, None)
        elif rub > 0:
            budgets.give_back(session, purse.agent, purse.day, rub)


def _line(text: str) -> str:
    """One line that every database can hold."""
    printable = "".join(mark if mark.isprintable() else " " for mark in text)
    return " ".join(printable.split())[:MESSAGE_LENGTH]
