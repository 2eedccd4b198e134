"""The router over the real SDKs: each vendor, each fault, each way of asking, and who answers instead."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest
import pytest_asyncio

from tests.fakes.llm.asking import PATIENT_S, PROMPT
from tests.fakes.llm.faults import FAULTS, HASTY_S, MODES, Mode
from tests.fakes.llm.routed import ASKER, Routed, over
from tests.fakes.llm.script import Turn, says, slow, structured
from tests.fakes.llm.vendors import ALL, Vendor
from tools.llm.call import Provider
from tools.llm.events import Done, Restarted, Text
from tools.llm.outcome import Outcome
from tools.llm.question import Answer, Question

pytestmark = [pytest.mark.untraced, pytest.mark.asyncio(loop_scope="module")]

# Other numbers for the same outcome, and what only a door sees: test_faults has them.
ASKED = [name for name in FAULTS if name not in ("404", "413", "529", "wait 7 s", "busy 3 s", "cut at once")]
# A stream's text is not read as an object, whoever asked for one.
WAYS = {name: mode for name, mode in MODES.items() if name != "stream-structured"}
NEXT = dict(zip(ALL, [*ALL][1:] + [*ALL][:1], strict=True))
Opened = dict[str, tuple[Vendor, Provider]]


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Vendor]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(serve(tmp_path_factory.mktemp(name))) for name, serve in ALL.items()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(vendors: dict[str, Vendor]) -> AsyncIterator[Opened]:
    opened = {name: (vendor, vendor.open(PATIENT_S)) for name, vendor in vendors.items()}
    yield opened
    for _, provider in opened.values():
        await provider.aclose()


async def _asked(routed: Routed, mode: Mode) -> Answer:
    """The answer. Of a stream, what came since it began anew is its text and nothing else."""
    question = Question(mode.call.messages, ASKER, mode.schema, mode.call.tools)
    if not mode.streamed:
        return await routed.router.ask(question)
    text = ""
    async for event in routed.router.stream(question):
        match event:
            case Text(said):
                text += said
            case Restarted():
                text = ""
            case Done(answer):
                assert text == answer.reply.message.text
    return answer


def _assert_says(answer: Answer, turn: Turn) -> None:
    said = answer.reply.message
    assert [call["args"] for call in said.tool_calls] == [tool.arguments for tool in turn.tools]
    if answer.value is not None:
        assert structured(answer.value.model_dump()).text == turn.text
    elif not turn.tools:
        assert said.text == turn.text


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", ASKED)
@pytest.mark.parametrize("first", ALL)
async def test_outcome_and_who_answers(opened: Opened, first: str, fault: str, way: str) -> None:
    case, mode, second = FAULTS[fault], WAYS[way], NEXT[first]
    routed = over([opened[first], opened[second]], call_s=case.timeout_s)
    routed.scripts[first].always(case.change(mode.answer))
    routed.scripts[second].always(mode.next)
    answer = await _asked(routed, mode)
    _assert_says(answer, mode.answer if case.answers else mode.next)
    assert answer.provider == (first if case.answers else second)
    expected = [f"{first} {case.outcome}"] + ([] if case.answers else [f"{second} ok"])
    assert routed.answered() == expected
    assert [f"{it.provider} {it.outcome}" for it in answer.attempts] == expected
    for told in (*map(str, answer.attempts), *(attempt.message for attempt in answer.attempts)):
        assert PROMPT not in told
        assert opened[first][0].key.secret not in told


@pytest.mark.parametrize("first", ALL)
async def test_an_answer_out_of_form_is_asked_for_once_more(opened: Opened, first: str) -> None:
    second, mode = NEXT[first], WAYS["structured"]
    routed = over([opened[first], opened[second]])
    routed.scripts[first].always(structured({"reasons": [{"txt": "сеть"}]}))
    routed.scripts[second].always(mode.next)
    _assert_says(await _asked(routed, mode), mode.next)
    assert routed.answered() == [f"{first} invalid", f"{first} invalid", f"{second} ok"]


@pytest.mark.parametrize("first", ALL)
async def test_a_stream_that_flows_may_take_longer_than_a_call(opened: Opened, first: str) -> None:
    """Its limit is for the first word; what follows has the time of the whole question."""
    routed = over([opened[first], opened[NEXT[first]]], call_s=HASTY_S)
    turn = slow(HASTY_S / 8, says("раз два три четыре пять шесть семь восемь девять десять"))
    routed.scripts[first].always(turn)
    answer = await _asked(routed, WAYS["stream"])
    assert (answer.provider, answer.reply.outcome) == (first, Outcome.OK)
    assert answer.attempts[0].seconds > HASTY_S


async def test_a_stream_is_tried_again_as_a_call_is(opened: Opened) -> None:
    """The same failures lead to the same models, streamed or not."""
    mode = WAYS["stream"]
    for way in (mode, WAYS["chat"]):
        routed = over([opened["yandex"], opened["gigachat"]], retries=1)
        routed.scripts["yandex"].next(Turn(status=503))
        routed.scripts["gigachat"].always(Turn(status=400))
        assert (await _asked(routed, way)).provider == "yandex"
        assert routed.answered() == ["yandex unavailable", "gigachat bad_request", "yandex ok"]
