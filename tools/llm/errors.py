"""What can go wrong with a question to the models, whichever of them was asked.

LLMUnavailable
├── AllProvidersFailed  each was asked or passed over: `attempts` says why
├── Filtered            a vendor's censorship refused, and the policy wants a person to look
└── OverBudget          the call could cost more than is left for today
"""

from __future__ import annotations

from collections.abc import Sequence

from .attempt import Attempt


class LLMUnavailable(Exception):
    """Nobody could answer: no provider is left, or none has what the prompt needs."""


class AllProvidersFailed(LLMUnavailable):
    def __init__(self, attempts: Sequence[Attempt], passed_over: Sequence[str] = ()) -> None:
        """passed_over: why the other models of the policy were not asked."""
        told = "; ".join([*map(str, attempts), *passed_over]) or "the policy names none"
        super().__init__(f"no model answered: {told}")
        self.attempts = tuple(attempts)


class Filtered(LLMUnavailable):
    def __init__(self, attempts: Sequence[Attempt]) -> None:
        super().__init__(f"refused by the censorship of the model: {attempts[-1]}")
        self.attempts = tuple(attempts)


class OverBudget(LLMUnavailable):
    """Say which cap, how much of it is left and what the call may cost."""
