"""Personal data through the router and the real SDKs: none arrives abroad or in a log, all comes back."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from pydantic import BaseModel, Field, create_model

from tests.fakes.llm.asking import PATIENT_S
from tests.fakes.llm.planted import leaked, texts
from tests.fakes.llm.routed import ASKER, Routed, over
from tests.fakes.llm.script import Turn, calls, fails, structured
from tests.fakes.llm.vendors import ALL, Vendor
from tools.llm.call import Provider, Region
from tools.llm.events import Done, Text
from tools.llm.question import Answer, Question
from tools.llm.residency import Detector, Masked
from tools.llm.residency.legible import legible

pytestmark = [pytest.mark.untraced, pytest.mark.asyncio(loop_scope="module")]

# At home a failing vendor quotes the prompt in the clear; then somebody abroad is asked.
PAIRS = (("yandex", "openrouter"), ("gigachat", "anthropic"))
Planted = tuple[str, str]
Echo = Callable[[Callable[[str], Turn]], None]
Opened = dict[str, tuple[Vendor, Provider]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Opened]:
    detector = Detector()
    with ExitStack() as stack:
        opened: Opened = {}
        for name, serve in ALL.items():
            vendor = stack.enter_context(serve(tmp_path_factory.mktemp(name)))
            provider = vendor.open(PATIENT_S)
            abroad = provider.region is Region.ABROAD
            opened[name] = (vendor, Masked(provider, detector) if abroad else provider)
        yield opened
        for _, provider in opened.values():
            await provider.aclose()


class Lines(logging.Handler):
    """All that is logged, whoever does it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said = ""
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.said += self.format(record) + "\n"


@pytest.fixture(scope="module")
def logged() -> Iterator[Lines]:
    lines, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(lines)
    root.setLevel(logging.DEBUG)
    yield lines
    root.setLevel(level)
    root.removeHandler(lines)


def _user(body: Any) -> str:
    """What the model was asked first, as it was sent."""
    content = next(message["content"] for message in body["messages"] if message["role"] == "user")
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def _messages(texts: list[str]) -> list[BaseMessage]:
    """In every place of a conversation where a text may stand."""
    system, asked, argument, result = texts
    call = {"name": "note", "args": {"note": argument}, "id": "call_9", "type": "tool_call"}
    return [
        SystemMessage(system),
        HumanMessage(asked),
        AIMessage("", tool_calls=[call]),
        ToolMessage(json.dumps({"found": result}), tool_call_id="call_9"),
    ]


def _question(said: list[str], **more: Any) -> Question:
    return Question(_messages(said), ASKER, **more)


async def _streamed(routed: Routed, question: Question) -> Answer:
    text = ""
    async for event in routed.router.stream(question):
        if isinstance(event, Text):
            text += event.text
        elif isinstance(event, Done):
            answer = event.answer
    assert text == answer.reply.message.text
    return answer


async def _answers(routed: Routed, echo: Echo, said: list[str], size: int) -> Mapping[str, str]:
    """What came back in each way of asking; `echo` makes the model say what it was asked."""
    *four, described = said
    tool = {"name": "note", "description": described, "parameters": _NOTE}
    schema = create_model("Noted", note=(str, Field(description=described)))
    echo(lambda text: Turn(text=text, size=size))
    chat = await routed.router.ask(_question(four))
    stream = await _streamed(routed, _question(four))
    echo(lambda text: calls("note", note=text))
    called = await routed.router.ask(_question(four, tools=[tool]))
    streamed = await _streamed(routed, _question(four, tools=[tool]))
    echo(lambda text: structured({"note": text}))
    found = await routed.router.ask(_question(four, schema=schema))
    return {
        "chat": chat.reply.message.text,
        "stream": stream.reply.message.text,
        "tool": called.reply.message.tool_calls[0]["args"]["note"],
        "streamed tool": streamed.reply.message.tool_calls[0]["args"]["note"],
        "object": _noted(found.value),
    }


_NOTE = {"type": "object", "properties": {"note": {"type": "string"}}}


def _noted(value: BaseModel | None) -> str:
    return str(value.model_dump()["note"]) if value else ""


@pytest.mark.parametrize(("home", "abroad"), PAIRS)
@given(
    planted=st.lists(texts(), min_size=5, max_size=5),
    size=st.integers(1, 9),
    status=st.sampled_from((400, 422, 429, 500)),
)
@settings(max_examples=20)
async def test_nothing_planted_leaves(
    opened: Opened, logged: Lines, home: str, abroad: str, planted: list[Planted], size: int, status: int
) -> None:
    logged.said = ""
    routed = over([opened[home], opened[abroad]])
    routed.scripts[home].always(fails(status))
    script = routed.scripts[abroad]

    def echo(turn: Callable[[str], Turn]) -> None:
        script.always(lambda body: turn(_user(body)))

    answers = await _answers(routed, echo, [text for text, _ in planted], size)
    assert answers == dict.fromkeys(answers, legible(planted[1][0]))
    sent = "\n".join(json.dumps([it.body, dict(it.headers)], ensure_ascii=False) for it in script.asked)
    recorded = "\n".join(f"{attempt}{attempt!r}" for attempt, *_ in routed.purse.settled)
    for _, value in planted:
        assert leaked(value, sent) is None
        assert leaked(value, recorded) is None
        assert leaked(value, logged.said) is None
    assert len(script.asked) == len(answers)
