"""Where money is kept: asked before a call, told after it."""

from __future__ import annotations

from typing import Protocol

from .attempt import Attempt
from .question import Asker


class Ledger(Protocol):
    async def reserve(self, asker: Asker, rub: float, cap: float | None) -> float:
        """Set so much aside for a call of the agent, whose own cap a day is `cap`; answers with what was set
        aside. Errors: tools.llm.errors.OverBudget."""
        ...

    def settle(self, asker: Asker, attempt: Attempt, reserved: float, cost: float) -> None:
        """The call cost so many roubles. Returns at once; the record is written beside."""
        ...
