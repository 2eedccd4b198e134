"""The one table of what vendors do wrong, and what comes of it, whoever is asked in whatever way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pydantic import BaseModel

from tools.llm.call import Call, Provider, Reply
from tools.llm.outcome import Outcome

from .asking import CHAT, FINDING, JUDGING, PATIENT_S, streamed
from .script import ANSWER, Finish, Turn, calls, fails, says, structured
from .vendors import Vendor

HASTY_S = 0.25


class Reason(BaseModel):
    text: str


class Judgement(BaseModel):
    reasons: list[Reason]


@dataclass(frozen=True)
class Mode:
    """A way of asking; what is answered to it when all is well, and what by whoever is asked next.

    schema: what a router is asked for in the place of the call's.
    """

    call: Call
    answer: Turn
    next: Turn
    schema: type[BaseModel] | None = None
    streamed: bool = False

    async def ask(self, provider: Provider, vendor: Vendor, timeout_s: float) -> Reply:
        if self.streamed:
            return await streamed(provider, vendor.model, vendor.key, self.call, timeout_s)
        return await provider.ask(vendor.model, vendor.key, self.call, timeout_s)


_CHAT = Mode(CHAT, ANSWER, says("Отвечает другой."))
_TOOLS = Mode(FINDING, calls("find", name="Ромашка"), calls("find", name="Василёк"))
_STRUCTURED = Mode(
    JUDGING,
    structured({"reasons": [{"text": "сеть"}]}),
    structured({"reasons": [{"text": "рынок"}]}),
    Judgement,
)
MODES = {
    "chat": _CHAT,
    "tools": _TOOLS,
    "structured": _STRUCTURED,
    "stream": replace(_CHAT, streamed=True),
    "stream-tools": replace(_TOOLS, streamed=True),
    "stream-structured": replace(_STRUCTURED, streamed=True),
}


@dataclass(frozen=True)
class Fault:
    """change: of the good answer; tokens: whether what it cost is told."""

    change: Callable[[Turn], Turn]
    outcome: Outcome
    tokens: bool = False
    timeout_s: float = PATIENT_S
    retry_after_s: float | None = None

    @property
    def answers(self) -> bool:
        """Nobody else is asked then."""
        return self.outcome in (Outcome.OK, Outcome.TRUNCATED)


def _failing(status: int, outcome: Outcome) -> Fault:
    return Fault(lambda turn: fails(status), outcome)


_STATUSES = {
    400: Outcome.BAD_REQUEST,
    401: Outcome.UNAUTHORISED,
    402: Outcome.OUT_OF_MONEY,
    403: Outcome.UNAUTHORISED,
    404: Outcome.BAD_REQUEST,
    413: Outcome.BAD_REQUEST,
    422: Outcome.BAD_REQUEST,
    429: Outcome.RATE_LIMITED,
    500: Outcome.UNAVAILABLE,
    503: Outcome.UNAVAILABLE,
    529: Outcome.UNAVAILABLE,
}
FAULTS = {
    **{str(status): _failing(status, outcome) for status, outcome in _STATUSES.items()},
    "none": Fault(lambda turn: turn, Outcome.OK, tokens=True),
    "slow": Fault(lambda turn: replace(turn, pause_s=0.01), Outcome.OK, tokens=True),
    "truncated": Fault(lambda turn: replace(turn, finish=Finish.LENGTH), Outcome.TRUNCATED, tokens=True),
    "filtered": Fault(
        lambda turn: replace(turn, tools=(), text="Не люблю менять тему.", finish=Finish.FILTER),
        Outcome.FILTERED,
        tokens=True,
    ),
    "empty": Fault(lambda turn: replace(turn, text="", tools=()), Outcome.UNAVAILABLE, tokens=True),
    "cut at once": Fault(lambda turn: replace(turn, cut=0), Outcome.UNAVAILABLE),
    "cut": Fault(lambda turn: replace(turn, cut=150), Outcome.UNAVAILABLE),
    "malformed": Fault(lambda turn: replace(turn, malformed=True), Outcome.UNAVAILABLE),
    "error in a 200": Fault(lambda turn: replace(turn, status=502, error_in_200=True), Outcome.UNAVAILABLE),
    "hang": Fault(lambda turn: replace(turn, hang=True), Outcome.TIMED_OUT, timeout_s=HASTY_S),
    "too slow": Fault(lambda turn: replace(turn, pause_s=5.0), Outcome.TIMED_OUT, timeout_s=HASTY_S),
    "wait 7 s": Fault(lambda turn: fails(429, "7"), Outcome.RATE_LIMITED, retry_after_s=7.0),
    "busy 3 s": Fault(lambda turn: fails(503, "3"), Outcome.UNAVAILABLE, retry_after_s=3.0),
}
