"""Every vendor, every fault, every way of asking: one vocabulary of outcomes comes out."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from tests.fakes.llm.asking import CHAT, FINDING, JUDGING, PATIENT_S, PROMPT, streamed
from tests.fakes.llm.script import ANSWER, Finish, Turn, calls, fails, structured
from tests.fakes.llm.vendors import Vendor
from tools.llm.call import Call, CallFailed, Provider, Reply, Tokens
from tools.llm.outcome import Outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")

HASTY_S = 0.25


@dataclass(frozen=True)
class Mode:
    """A way of asking and what is answered to it when all is well."""

    call: Call
    answer: Turn
    streamed: bool = False

    async def ask(self, provider: Provider, vendor: Vendor, timeout_s: float) -> Reply:
        if self.streamed:
            return await streamed(provider, vendor.model, vendor.key, self.call, timeout_s)
        return await provider.ask(vendor.model, vendor.key, self.call, timeout_s)


_CHAT = Mode(CHAT, ANSWER)
_TOOLS = Mode(FINDING, calls("find", name="Ромашка"))
_STRUCTURED = Mode(JUDGING, structured({"reasons": [{"text": "сеть"}]}))
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


def _failing(status: int, outcome: Outcome) -> Fault:
    return Fault(lambda turn: fails(status), outcome)


STATUSES = {
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
    **{str(status): _failing(status, outcome) for status, outcome in STATUSES.items()},
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
    "wait 7 s": Fault(lambda turn: fails(429, "7"), Outcome.RATE_LIMITED, retry_after_s=7.0),
    "busy 3 s": Fault(lambda turn: fails(503, "3"), Outcome.UNAVAILABLE, retry_after_s=3.0),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", FAULTS)
async def test_outcome(vendor: Vendor, provider: Provider, fault: str, mode: str) -> None:
    case, way = FAULTS[fault], MODES[mode]
    vendor.script.always(replace(case.change(way.answer), tokens_in=40, tokens_out=9, tokens_cached=16))
    outcome, tokens, failure = await _ended(way.ask(provider, vendor, case.timeout_s))
    assert outcome is case.outcome
    assert tokens == (Tokens(40, 9, 16) if case.tokens else Tokens())
    if failure is not None:
        assert failure.retry_after_s == case.retry_after_s
        _assert_discreet(failure, vendor)


async def _ended(asking: Awaitable[Reply]) -> tuple[Outcome, Tokens, CallFailed | None]:
    try:
        reply = await asking
    except CallFailed as failure:
        return failure.outcome, failure.tokens, failure
    return reply.outcome, reply.tokens, None


def _assert_discreet(failure: CallFailed, vendor: Vendor) -> None:
    """The vendors' sentences quote the whole request."""
    printed = "".join(traceback.format_exception(failure))
    assert failure.message.startswith(f"{vendor.name}/{vendor.model}: ")
    assert "\n" not in failure.message
    assert PROMPT not in printed
    assert vendor.key.secret not in printed


@pytest.mark.parametrize("mode", ["stream", "stream-tools", "stream-structured"])
async def test_a_stream_that_stalls_is_unavailable_long_before_the_deadline(
    vendor: Vendor, mode: str
) -> None:
    hasty = vendor.open(HASTY_S)
    vendor.script.always(replace(MODES[mode].answer, stall=1))
    outcome, _, failure = await _ended(MODES[mode].ask(hasty, vendor, PATIENT_S))
    await hasty.aclose()
    assert outcome is Outcome.UNAVAILABLE
    assert failure is not None
    assert failure.message.endswith("silent for 0.25 s")


@pytest.mark.parametrize("mode", ["stream", "stream-tools", "stream-structured"])
async def test_a_stream_that_ends_without_its_end_is_unavailable(
    vendor: Vendor, provider: Provider, mode: str
) -> None:
    """Half a letter must not pass for a letter, though the connection was closed as it should be."""
    vendor.script.always(replace(MODES[mode].answer, ends=1))
    outcome, _, failed = await _ended(MODES[mode].ask(provider, vendor, PATIENT_S))
    assert outcome is Outcome.UNAVAILABLE
    assert failed is not None
    assert failed.message.endswith("the answer broke off")


async def test_a_stream_has_no_longer_than_the_whole_call(vendor: Vendor, provider: Provider) -> None:
    """Each piece comes soon enough, and all together too late."""
    vendor.script.always(replace(ANSWER, text="слово " * 50, pause_s=0.05))
    outcome, _, _ = await _ended(MODES["stream"].ask(provider, vendor, HASTY_S * 2))
    assert outcome is Outcome.TIMED_OUT
