"""The router over the real SDKs: who is asked, who answers, and what the record says of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.fakes.llm.asking import until
from tests.fakes.llm.routed import City, asks, routed
from tests.fakes.llm.script import (
    FILTERED,
    HANG,
    MALFORMED,
    Turn,
    cut,
    fails,
    fails_in_200,
    says,
    slow,
    structured,
)
from tests.fakes.llm.vendors import ALL, Vendor
from tools.llm.door import Limit
from tools.llm.errors import AllProvidersFailed, Filtered, OverBudget
from tools.llm.events import Done, Restarted, Text
from tools.llm.outcome import Outcome

KAZAN = structured({"name": "Казань", "people": 1_300_000})
UFA = structured({"name": "Уфа", "people": 1_100_000})
# What makes the next one be asked, and what the record says of the first.
FAULTS = {
    "500": (fails(500), Outcome.UNAVAILABLE),
    "503": (fails(503), Outcome.UNAVAILABLE),
    "429": (fails(429), Outcome.RATE_LIMITED),
    "401": (fails(401), Outcome.UNAUTHORISED),
    "402": (fails(402), Outcome.OUT_OF_MONEY),
    "400": (fails(400), Outcome.BAD_REQUEST),
    "error in a 200": (fails_in_200(500), Outcome.UNAVAILABLE),
    "malformed": (MALFORMED, Outcome.UNAVAILABLE),
    "cut": (cut(20, KAZAN), Outcome.UNAVAILABLE),
    "filtered": (FILTERED, Outcome.FILTERED),
}


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Vendor]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(serve(tmp_path_factory.mktemp(name))) for name, serve in ALL.items()}


@pytest.fixture
def two(vendors: dict[str, Vendor]) -> list[Vendor]:
    return [vendors["yandex"], vendors["gigachat"]]


async def test_the_first_of_the_policy_answers(vendors: dict[str, Vendor]) -> None:
    async with routed([*vendors.values()]) as it:
        for name in it.scripts:
            it.scripts[name].always(KAZAN)
        answer = await it.router.ask(asks())
        assert (answer.provider, answer.value) == ("yandex", City(name="Казань", people=1_300_000))
        assert it.answered() == ["yandex ok"]
        [(attempt, reserved, cost)] = it.purse.settled
        assert (attempt.tokens.input, attempt.tokens.output) == (11, 7)
        assert 0 < cost < reserved
        assert it.purse.left == pytest.approx(1e9 - cost)


@pytest.mark.parametrize("first", ALL)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_failure_is_followed_by_the_next(vendors: dict[str, Vendor], first: str, fault: str) -> None:
    second = "openrouter" if first != "openrouter" else "gigachat"
    turn, outcome = FAULTS[fault]
    async with routed([vendors[first], vendors[second]]) as it:
        it.scripts[first].always(turn)
        it.scripts[second].always(UFA)
        answer = await it.router.ask(asks())
        assert (answer.provider, answer.value) == (second, City(name="Уфа", people=1_100_000))
        assert it.answered() == [f"{first} {outcome}", f"{second} ok"]
        assert [attempt.outcome for attempt in answer.attempts] == [outcome, Outcome.OK]


async def test_a_hang_leaves_time_for_nobody_else(two: list[Vendor]) -> None:
    async with routed(two, deadline_s=0.5) as it:
        it.scripts["yandex"].always(HANG)
        with pytest.raises(AllProvidersFailed) as caught:
            await it.router.ask(asks())
        assert [attempt.outcome for attempt in caught.value.attempts] == [Outcome.TIMED_OUT] * 2


async def test_a_slow_one_is_hedged(two: list[Vendor]) -> None:
    async with routed(two, hedge_s=0.1) as it:
        it.scripts["yandex"].always(HANG)
        it.scripts["gigachat"].always(UFA)
        answer = await it.router.ask(asks())
        assert answer.provider == "gigachat"
        assert it.answered() == ["gigachat ok", "yandex given_up"]
        [(won, *_), (lost, reserved, cost)] = it.purse.settled
        assert (won.number, lost.number, lost.message) == (2, 1, "another answered first")
        assert cost == reserved, "nobody knows what it would have told"


async def test_a_call_that_nobody_waits_for_is_given_up(two: list[Vendor]) -> None:
    async with routed(two) as it:
        it.scripts["yandex"].always(HANG)
        asking = asyncio.create_task(it.router.ask(asks()))
        await until(it.scripts["yandex"], 1)
        asking.cancel()
        await asyncio.wait([asking])
        [(attempt, *_)] = it.purse.settled
        assert (attempt.outcome, attempt.message) == (Outcome.GIVEN_UP, "nobody waited any more")


async def test_all_that_failed_is_told(two: list[Vendor]) -> None:
    async with routed(two) as it:
        it.scripts["yandex"].always(fails(500))
        it.scripts["gigachat"].always(fails(402))
        with pytest.raises(AllProvidersFailed, match=r"yandexgpt/latest unavailable.*out_of_money"):
            await it.router.ask(asks())


async def test_what_may_pass_is_asked_again_after_a_pause(two: list[Vendor]) -> None:
    async with routed(two, retries=1) as it:
        it.scripts["yandex"].next(fails(503), KAZAN)
        it.scripts["gigachat"].always(fails(400))
        answer = await it.router.ask(asks())
        assert it.answered() == ["yandex unavailable", "gigachat bad_request", "yandex ok"]
        assert [attempt.number for attempt in answer.attempts] == [1, 2, 1]
        assert answer.provider == "yandex"


async def test_the_deadline_ends_the_rounds(two: list[Vendor]) -> None:
    async with routed(two, retries=10, deadline_s=0.2) as it:
        for script in it.scripts.values():
            script.always(fails(503))
        with pytest.raises(AllProvidersFailed):
            await it.router.ask(asks())
        assert it.answered() == ["yandex unavailable", "gigachat unavailable"]


async def test_an_answer_that_is_unfit_is_sent_back_once_with_what_is_wrong(two: list[Vendor]) -> None:
    async with routed(two) as it:
        it.scripts["gigachat"].always(UFA)
        it.scripts["yandex"].next(structured({"name": "Казань"}), KAZAN)
        answer = await it.router.ask(asks())
        assert answer.provider == "yandex"
        assert it.answered() == ["yandex invalid", "yandex ok"]
        assert [attempt.number for attempt in answer.attempts] == [1, 1], "no fallback: it is the same model"
        assert "people: Field required" in str(it.scripts["yandex"].asked[-1].body)
        it.scripts["yandex"].always(says("Казань, миллион с лишним"))
        assert (await it.router.ask(asks())).provider == "gigachat"
        assert it.answered()[2:] == ["yandex invalid", "yandex invalid", "gigachat ok"]


async def test_json_in_a_fence_is_read(two: list[Vendor]) -> None:
    async with routed(two) as it:
        it.scripts["yandex"].always(says(f"Вот ответ:\n```json\n{UFA.text}\n```"))
        assert (await it.router.ask(asks())).value == City(name="Уфа", people=1_100_000)


async def test_censorship_may_stop_the_question(two: list[Vendor]) -> None:
    async with routed(two, filtered="stop") as it:
        it.scripts["yandex"].always(FILTERED)
        with pytest.raises(Filtered, match="yandexgpt/latest filtered"):
            await it.router.ask(asks())
        assert it.scripts["gigachat"].asked == []


async def test_an_open_circuit_is_passed_over_and_probed(two: list[Vendor]) -> None:
    async with routed(two) as it:
        it.scripts["yandex"].always(fails(500))
        it.scripts["gigachat"].always(UFA)
        for _ in range(5):
            answer = await it.router.ask(asks())
        assert len(it.scripts["yandex"].asked) == 3
        assert [attempt.asked for attempt in answer.attempts] == [False, True]
        assert "failed too often" in answer.attempts[0].message


async def test_a_key_that_is_not_taken_leaves_the_other(two: list[Vendor]) -> None:
    async with routed(two) as it:
        it.scripts["yandex"].next(fails(401))
        it.scripts["yandex"].always(KAZAN)
        it.scripts["gigachat"].always(UFA)
        assert (await it.router.ask(asks())).provider == "gigachat"
        assert (await it.router.ask(asks())).provider == "yandex"
        keys = [attempt.key for attempt, *_ in it.purse.settled if attempt.provider == "yandex"]
        assert sorted(map(str, keys)) == ["first", "second"]


async def test_nobody_waits_for_keys_that_rest_for_long(two: list[Vendor]) -> None:
    async with routed(two, patience_s=5) as it:
        it.scripts["yandex"].always(fails(429, "7s"))
        it.scripts["gigachat"].always(UFA)
        for _ in range(3):
            answer = await it.router.ask(asks())
        assert len(it.scripts["yandex"].asked) == 2, "once by each key"
        assert not answer.attempts[0].asked
        assert answer.attempts[0].outcome is Outcome.RATE_LIMITED
        assert "the vendor said so" in answer.attempts[0].message


async def test_a_region_that_the_policy_excludes_is_never_asked(vendors: dict[str, Vendor]) -> None:
    async with routed([vendors["openrouter"], vendors["gigachat"]], regions=["ru"]) as it:
        it.scripts["gigachat"].always(UFA)
        assert (await it.router.ask(asks())).provider == "gigachat"
        assert it.scripts["openrouter"].asked == []


async def test_too_dear_is_refused_or_left_to_somebody_cheaper(vendors: dict[str, Vendor]) -> None:
    dear_first = [vendors["openrouter"], vendors["yandex"]]
    async with routed(dear_first) as it:
        it.scripts["yandex"].always(KAZAN)
        it.purse.left = 2.0
        with pytest.raises(OverBudget, match=r"may cost"):
            await it.router.ask(asks())
    async with routed([vendors["gigachat"], vendors["openrouter"]], over_budget="cheaper") as it:
        it.scripts["openrouter"].always(UFA)
        it.purse.left = 3.0
        answer = await it.router.ask(asks())
        assert answer.provider == "openrouter"
        assert it.scripts["gigachat"].asked == []
        assert answer.attempts[0].outcome is Outcome.OUT_OF_MONEY
        assert "may cost" in answer.attempts[0].message


async def test_too_long_a_prompt_is_refused_or_cut(two: list[Vendor]) -> None:
    long = "слово " * 40_000
    async with routed(two[:1]) as it:
        with pytest.raises(AllProvidersFailed, match=r"about \d+ tokens too long"):
            await it.router.ask(asks(long))
        assert it.scripts["yandex"].asked == []
    async with routed(two[:1], over_context="truncate") as it:
        it.scripts["yandex"].always(KAZAN)
        assert (await it.router.ask(asks(long))).provider == "yandex"


async def test_a_stream_falls_back_unseen_before_its_first_word(two: list[Vendor]) -> None:
    async with routed(two) as it:
        it.scripts["yandex"].always(fails(500))
        events = [event async for event in it.router.stream(asks(schema=None))]
        assert "".join(event.text for event in events if isinstance(event, Text)) == Turn().text
        assert not any(isinstance(event, Restarted) for event in events)
        assert isinstance(events[-1], Done) and events[-1].answer.provider == "gigachat"


@pytest.mark.parametrize("first", ALL)
async def test_a_stream_that_breaks_off_begins_anew(vendors: dict[str, Vendor], first: str) -> None:
    second = "openrouter" if first != "openrouter" else "gigachat"
    async with routed([vendors[first], vendors[second]]) as it:
        it.scripts[first].always(Turn(ends=2))
        it.scripts[second].always(says("Другой ответ."))
        events = [event async for event in it.router.stream(asks(schema=None))]
        [at] = [n for n, event in enumerate(events) if isinstance(event, Restarted)]
        assert any(isinstance(event, Text) for event in events[:at])
        after = [event.text for event in events[at:] if isinstance(event, Text)]
        assert "".join(after) == "Другой ответ."


async def test_a_thousand_at_once_stay_within_the_vendors_limits(two: list[Vendor]) -> None:
    """Those who find no room at the first vendor in time go on to the second."""
    async with routed(two, limit=Limit(at_once=5), patience_s=0.5, deadline_s=120) as it:
        for script in it.scripts.values():
            script.always(slow(0.001, UFA))
        answers = await asyncio.gather(*(it.router.ask(asks()) for _ in range(1000)))
        answered = Counter(answer.provider for answer in answers)
        assert answered == {name: len(script.asked) for name, script in it.scripts.items()}
        assert answered.total() == 1000 and len(answered) == 2
        for script in it.scripts.values():
            assert script.peak <= 10, "five by each of two keys"
        assert it.purse.left == pytest.approx(1e9 - sum(cost for *_, cost in it.purse.settled))


async def test_nobody_who_is_configured_is_said(two: list[Vendor]) -> None:
    async with routed(two, steps=("yandex/other",)) as it:
        with pytest.raises(AllProvidersFailed, match="no model answered: yandex/other has no key"):
            await it.router.ask(asks())
