"""A purse: money that this process took out of a day's budget and may spend without asking the database.

The block is taken durably before any of it is spent. So a process that dies loses the rest of its blocks
for that day, and all processes together never spend more than the cap.
"""

from __future__ import annotations

import asyncio

from memory import budgets
from memory.budgets import ROUNDING
from memory.db import Memory, TenantSession
from tools.llm.errors import OverBudget

# Of the cap: large enough that few calls wait for the database, small enough to lie idle elsewhere.
BLOCK = 0.05


class Purse:
    """Of one agent, or (agent "") of the whole tenant, for one day. `free` below 0 is a debt: calls cost
    more than they could by their estimate."""

    def __init__(self, memory: Memory, agent: str, day: str) -> None:
        self.agent = agent
        self.day = day
        self.free = 0.0
        self._memory = memory
        self._taking: asyncio.Task[bool] | None = None

    async def draw(self, rub: float, cap: float) -> None:
        """Set so much aside. Errors: OverBudget. What costs nothing is always there."""
        while rub > 0 and self.free + ROUNDING < rub:
            if self._taking is not None and not self._taking.done():
                await asyncio.wait([self._taking])
                continue
            taking = self._taking = asyncio.create_task(self._take(rub - self.free, cap))
            # A caller that is given up in the meantime must not lose the block.
            if not await asyncio.shield(taking):
                raise OverBudget(await self._refusal(rub, cap))
        self.free -= rub

    def put(self, rub: float) -> None:
        self.free += rub

    def uneven(self, today: str | None) -> bool:
        """Whether the budget must hear of it: of a debt at once, of the rest once the day is over."""
        return self.free < -ROUNDING or (self.day != today and self.free > ROUNDING)

    def emptied(self) -> float:
        """What was free, which is it no more."""
        free, self.free = self.free, 0.0
        return free

    async def rested(self) -> None:
        """No block is on its way any more."""
        while self._taking is not None and not self._taking.done():
            await asyncio.wait([self._taking])

    async def _take(self, needed: float, cap: float) -> bool:
        block = await self._memory.write(_block, self.agent, self.day, needed, cap)
        self.free += block
        return block > 0

    async def _refusal(self, rub: float, cap: float) -> str:
        taken = await self._memory.read(budgets.taken, self.agent, self.day)
        whose = f"of agent {self.agent}" if self.agent else "of all agents"
        left = max(0.0, cap - taken + self.free)
        return (
            f"over the budget {whose} for {self.day}: {left:.4f} of {cap:.2f} RUB are left, "
            f"the call may cost {rub:.4f}"
        )


def _block(session: TenantSession, agent: str, day: str, needed: float, cap: float) -> float:
    """What was taken: a whole block, else exactly what is needed, else nothing."""
    for rub in (max(needed, cap * BLOCK), needed):
        if budgets.take(session, agent, day, rub, cap):
            return rub
    return 0.0
