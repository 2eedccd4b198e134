"""One try at one model, for the record: who was asked, what came of it, what it cost in time and tokens."""

from __future__ import annotations

from dataclasses import dataclass

from .call import NO_TOKENS, Tokens
from .outcome import Outcome


@dataclass(frozen=True)
class Attempt:
    """key: the name of the key that was used; asked: whether anything was sent at all; number: 1 for the
    model that the question was put to first, 2, … for those after it; one asked again keeps its number."""

    provider: str
    model: str
    outcome: Outcome
    message: str = ""
    key: str | None = None
    seconds: float = 0.0
    tokens: Tokens = NO_TOKENS
    asked: bool = True
    number: int = 1

    def __str__(self) -> str:
        who = f"{self.provider}/{self.model}"
        why = self.message.removeprefix(f"{who}: ")
        return f"{who} {self.outcome}" + (f" ({why})" if why else "")
