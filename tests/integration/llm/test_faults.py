"""Every vendor, every fault, every way of asking: one vocabulary of outcomes comes out."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable
from dataclasses import replace

import pytest

from tests.fakes.llm.asking import PATIENT_S, PROMPT
from tests.fakes.llm.faults import FAULTS, HASTY_S, MODES
from tests.fakes.llm.script import ANSWER
from tests.fakes.llm.vendors import Vendor
from tests.integration.llm.conftest import every
from tools.llm.call import CallFailed, Provider, Reply, Tokens
from tools.llm.outcome import Outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")


served = every


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", FAULTS)
async def test_outcome(vendor: Vendor, provider: Provider, fault: str, mode: str) -> None:
    case, way = FAULTS[fault], MODES[mode]
    vendor.script.always(replace(case.change(way.answer), tokens_in=40, tokens_out=9, tokens_cached=16))
    outcome, tokens, failure = await _ended(way.ask(provider, vendor, case.timeout_s))
    assert outcome is case.outcome
    cached = 0 if vendor.name == "yandex" else 16  # which does not say it
    assert tokens == (Tokens(40, 9, cached) if case.tokens else Tokens())
    # GigaChat's SDK asks for another token, once.
    sent = 2 if (vendor.name, fault) == ("gigachat", "401") else 1
    assert len(vendor.script.asked) == sent, "nobody retries behind the router's back"
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
    answer = MODES[mode].answer
    vendor.script.always(replace(answer, text=answer.text or "Ищу.", stall=1))
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
    assert failed.message.endswith(("the answer broke off", "BrokenAnswer"))


async def test_a_stream_has_no_longer_than_the_whole_call(vendor: Vendor, provider: Provider) -> None:
    """Each piece comes soon enough, and all together too late."""
    vendor.script.always(replace(ANSWER, text="слово " * 50, pause_s=0.05))
    outcome, _, _ = await _ended(MODES["stream"].ask(provider, vendor, HASTY_S * 2))
    assert outcome is Outcome.TIMED_OUT
