"""Whatever goes in, no personal data arrives at a provider abroad, and the answer has it again."""

from __future__ import annotations

import asyncio
import json
import re
import traceback
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from tests.fakes.llm.planted import leaked
from tools.llm.call import Call, CallFailed, Key, Piece, Provider, Region, Reply, Tokens
from tools.llm.outcome import Outcome
from tools.llm.residency import Detector, Masked, Refused, mask
from tools.llm.residency.legible import legible

KEY = Key("key", "secret")
TOKENS = Tokens(7, 5, 1)


class Abroad:
    """A provider that keeps what it was sent and says what it is told to, in pieces of `size`."""

    name = "abroad"
    region = Region.ABROAD

    def __init__(self, says: Callable[[Call], AIMessage] | None = None, size: int = 3) -> None:
        self.sent: list[Call] = []
        self.left: list[float] = []
        self.closed = False
        self._says = says or (lambda call: AIMessage(_echo(call)))
        self._size = size

    async def ask(self, model: str, key: Key, call: Call, timeout_s: float) -> Reply:
        self.sent.append(call)
        self.left.append(timeout_s)
        return Reply(self._says(call), Outcome.OK, TOKENS, model)

    async def stream(self, model: str, key: Key, call: Call, timeout_s: float) -> AsyncGenerator[Piece]:
        reply = await self.ask(model, key, call, timeout_s)
        text = str(reply.message.content)
        try:
            for start in range(0, len(text), self._size):
                yield Piece(text[start : start + self._size])
            yield Piece(reply=reply)
        finally:
            self.closed = True

    async def models(self, key: Key, timeout_s: float) -> Sequence[str]:
        return [key.name]

    async def aclose(self) -> None:
        self.closed = True


def _echo(call: Call) -> str:
    return "\n".join(str(message.content) for message in call.messages)


def nobody(sentences: Sequence[str]) -> list[list[tuple[int, int, str]]]:
    """No NER: what is planted here is found without it."""
    return [[] for _ in sentences]


DETECTOR = Detector(nobody)
SECRET = Call([HumanMessage("Квашилава и ivan@petrov.ru")])

PLANTED = [
    "Иван Петров",
    "Сидорова Анна Сергеевна",
    "Смирнову П. А.",
    "John Smith",
    "Sergey Ivanov",
    "+7 912 345-67-89",
    "8(495)123-45-67",
    "89161234567",
    "+44 20 7946 0958",
    "ivan.petrov@example.ru",
    "500100732259",
    "112-233-445 95",
    "45 08 123456",
    "4276 1234 5678 9012",
    "4111111111111111",
    "40817810099910004312",
    "125009, г. Москва, ул. Тверская, д. 7, кв. 12",
    "проспект Победы, дом 15, корпус 2, квартира 48",
    "1600 Pennsylvania Avenue NW, Washington, DC 20500",
]
around = st.one_of(
    st.text(max_size=12),
    st.text("⟦⟧[]_1PERSONPHONE \\n\"'{}:,", max_size=12),
    st.sampled_from(
        [
            "Добрый день! ",
            "ИНН 7707083893",
            "цена 100 руб.",
            "PERSON_1",
            "⟦PERSON_1⟧",
            "⟦phone 2⟧",
            "\\u0418",
            "Надежда",
        ]
    ),
)


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str]:
    """A text and what is planted in it between two signs that are no letters or digits."""
    value = draw(st.sampled_from(PLANTED))
    left, right = draw(st.sampled_from(' \n,;(«"')), draw(st.sampled_from(' \n,;)»"'))
    return draw(around) + left + value + right + draw(around), value


def _calls(text: str) -> dict[str, Call]:
    """Calls that have the text in one place or another."""
    args = {"note": text, text: [text, {"deep": text}]}
    raw = json.dumps(args)
    call = {"name": "find", "args": args, "id": "1", "type": "tool_call"}
    broken = {"name": "f", "args": text, "id": "1", "error": text, "type": "invalid_tool_call"}
    chunk = {"name": "f", "args": raw, "id": "1", "index": 0}
    part = {"type": "text", "text": text}
    result = {"type": "tool_result", "tool_use_id": "1", "content": [part]}
    schema = {
        "type": "object",
        "properties": {"who": {"enum": [text], "description": text, "default": {"a": text}}},
    }
    tool = {"name": "f", "description": text, "parameters": schema}
    return {
        "system": Call([SystemMessage(text)]),
        "text": Call([HumanMessage("Здравствуйте."), HumanMessage(text)]),
        "name": Call([HumanMessage("Да.", name=text)]),
        "parts": Call([HumanMessage(["x", text, part])]),
        "arguments": Call([AIMessage("", tool_calls=[call])]),
        "chunk": Call([AIMessageChunk("", tool_call_chunks=[chunk])]),
        "raw arguments": Call([AIMessage("", additional_kwargs={"function_call": {"arguments": raw}})]),
        "broken arguments": Call([AIMessage("", invalid_tool_calls=[broken])]),
        "tool_use": Call([AIMessage([{"type": "tool_use", "id": "1", "name": "f", "input": args}])]),
        "result": Call([ToolMessage(text, tool_call_id="1", artifact={"raw": text})]),
        "json result": Call([ToolMessage(json.dumps({"found": [text]}), tool_call_id="1")]),
        "result parts": Call([HumanMessage([result])]),
        "metadata": Call([AIMessage("", response_metadata={"logprobs": [text]})]),
        "tool": Call([HumanMessage("Да.")], tools=[tool]),
        "schema": Call([HumanMessage("Да.")], schema=schema),
    }


@pytest.mark.parametrize("where", _calls("").keys())
@given(planted=texts())
@settings(max_examples=40)
def test_nothing_planted_arrives_abroad(where: str, planted: tuple[str, str]) -> None:
    text, value = planted
    sent, _ = mask(_calls(text)[where], DETECTOR)
    assert _leak(value, sent) is None


@given(planted=texts(), other=texts())
@settings(max_examples=100)
def test_the_restored_answer_is_what_was_said_with_the_values(
    planted: tuple[str, str], other: tuple[str, str]
) -> None:
    """An echo says whatever it was sent: it must come back as it went."""
    call = Call([HumanMessage(planted[0]), HumanMessage(other[0])])
    expected = "\n".join(legible(text) for text, _ in (planted, other))
    provider = Abroad(size=len(planted[0]) % 5 + 1)
    reply, text = asyncio.run(_both(Masked(provider, DETECTOR), call))
    assert reply.message.content == text == expected
    assert reply.tokens == TOKENS
    assert all(_leak(planted[1], sent) is None for sent in provider.sent)


@given(planted=texts())
@settings(max_examples=50)
def test_arguments_of_a_tool_come_back_with_the_values(planted: tuple[str, str]) -> None:
    def says(call: Call) -> AIMessage:
        args = {"note": str(call.messages[0].content)}
        return AIMessage("", tool_calls=[{"name": "f", "args": args, "id": "1", "type": "tool_call"}])

    reply, _ = asyncio.run(_both(Masked(Abroad(says), DETECTOR), Call([HumanMessage(planted[0])])))
    assert reply.message.tool_calls[0]["args"] == {"note": legible(planted[0])}


@given(st.sampled_from(PLANTED), st.sampled_from([" ", "\n", ", "]))
def test_json_stays_json(value: str, end: str) -> None:
    """Values hold nothing that JSON would have to escape, so they fit into an answer of a schema."""
    said = json.dumps({"who": f'Это {value}{end}"да"'}, ensure_ascii=False)
    masked, vault = mask(Call([HumanMessage(said)]), DETECTOR)
    assert json.loads(vault.restore(str(masked.messages[0].content))) == json.loads(said)


@pytest.mark.parametrize("number", [79123456789, 500100732259, 500100732259.0, 4111111111111111])
def test_a_number_may_be_personal_too(number: float) -> None:
    call = Call(
        [AIMessage("", tool_calls=[{"name": "f", "args": {"n": number, "page": 3, "ok": True}, "id": "1"}])]
    )
    sent, vault = mask(call, DETECTOR)
    args = sent.messages[0].tool_calls[0]["args"]  # type: ignore[attr-defined]
    assert re.fullmatch(r"⟦\w+_1⟧", args.pop("n"))
    assert args == {"page": 3, "ok": True}
    assert len(vault) == 1


def test_what_is_found_once_is_replaced_everywhere() -> None:
    """NER sees a person in the first text only, and the first number only has the form of a phone."""

    def once(sentences: Sequence[str]) -> list[list[tuple[int, int, str]]]:
        return [[(at, at + 10, "PER")] if (at := text.find("Аркл Твакс")) >= 0 else [] for text in sentences]

    said = [
        "Говорят, Аркл Твакс сменил работу. Его номер +7 912 345-67-89.",
        "А наш Твакс (код 9 1234567 89) просит скидку.",
    ]
    sent, _ = mask(Call([HumanMessage(text) for text in said]), Detector(once))
    second = str(sent.messages[1].content)
    assert "34567" not in second and "Твакс" not in second
    assert "⟦PERSON_" in second and "просит скидку" in second


@pytest.mark.parametrize(
    "text",
    [
        "Ив\u00adан Петр\u200bов",
        "Ива\u0301н Петро\u0301в",
        "итог:\\nИван\u00a0Петров\\n",
        "Иван\\u0020Петров",
    ],
)
def test_a_disguised_name_is_seen_whole(text: str) -> None:
    sent, _ = mask(Call([HumanMessage(text)]), DETECTOR)
    assert re.sub(r"итог:|\\n", "", str(sent.messages[0].content)) == "⟦PERSON_1⟧"


def test_the_key_of_an_argument_says_what_its_value_is() -> None:
    args = {"passport": "4508123456", "last_name": "медведь", "company_inn": "7707083893"}
    call = Call([AIMessage("", tool_calls=[{"name": "f", "args": args, "id": "1"}])])
    sent, _ = mask(call, DETECTOR)
    masked = sent.messages[0].tool_calls[0]["args"]  # type: ignore[attr-defined]
    assert masked == {"passport": "⟦PASSPORT_1⟧", "last_name": "⟦PERSON_1⟧", "company_inn": "7707083893"}


def test_what_needs_no_mask_goes_as_it_is() -> None:
    parameters = {
        "type": "object",
        "title": "Search",
        "properties": {
            "query": {"type": "string", "pattern": "^\\d{12}$", "description": "What to look for"}
        },
        "required": ["query"],
    }
    call = Call(
        [SystemMessage("Отвечай кратко."), HumanMessage([{"type": "text", "text": "Что нового у Яндекса?"}])],
        tools=[{"name": "search", "description": "Looks for news", "parameters": parameters}],
        max_tokens=5,
    )
    sent, vault = mask(call, DETECTOR)
    assert (sent, len(vault)) == (call, 0)


@pytest.mark.parametrize(
    "call",
    [
        Call([HumanMessage([{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}])]),
        Call([HumanMessage([{"type": "tool_result", "content": [{"type": "image", "source": {}}]}])]),
        Call(
            [HumanMessage("Да.")],
            schema={"type": "object", "properties": {"Иван Петров": {"type": "string"}}},
        ),
        Call([HumanMessage("Да.")], tools=[{"name": "ivan@example.ru", "parameters": {}}]),
        Call([AIMessage("", additional_kwargs={"blob": b"Ivan"})]),
    ],
    ids=["image", "image in a result", "property", "tool", "bytes"],
)
async def test_what_cannot_be_looked_into_is_refused(call: Call) -> None:
    provider = Abroad()
    with pytest.raises(Refused):
        await Masked(provider, DETECTOR).ask("m", KEY, call, 5)
    assert provider.sent == []


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_failing_detector_refuses_and_tells_nothing(streamed: bool) -> None:
    def broken(sentences: Sequence[str]) -> list[list[tuple[int, int, str]]]:
        raise ValueError(f"cannot read {sentences}")

    provider = Abroad()
    masked = Masked(provider, Detector(broken))
    with pytest.raises(Refused) as refused:
        await _said(masked, SECRET, streamed)
    told = "".join(traceback.format_exception(refused.value)) + repr(refused.value) + refused.value.reason
    assert provider.sent == []
    assert not re.search("Квашилава|petrov", told)
    assert refused.value.__context__ is None and "ValueError" in refused.value.reason


async def test_a_failure_is_not_remembered() -> None:
    asked: list[int] = []

    def once(sentences: Sequence[str]) -> list[list[tuple[int, int, str]]]:
        asked.append(1)
        if len(asked) == 1:
            raise ValueError
        return [[(0, 9, "PER")] for _ in sentences]

    provider = Abroad()
    masked = Masked(provider, Detector(once))
    with pytest.raises(Refused):
        await masked.ask("m", KEY, Call([HumanMessage("Квашилава")]), 5)
    await masked.ask("m", KEY, Call([HumanMessage("Квашилава")]), 5)
    assert provider.sent[0].messages[0].content == "⟦PERSON_1⟧"


async def test_the_look_counts_into_the_time_and_leaves_the_loop_free() -> None:
    from threading import Event

    go = Event()

    def slow(sentences: Sequence[str]) -> list[list[tuple[int, int, str]]]:
        go.wait(10)
        return nobody(sentences)

    provider = Abroad()
    with pytest.raises(CallFailed) as failed:
        await Masked(provider, Detector(slow)).ask("m", KEY, Call([HumanMessage("Квашилава")]), 0.05)
    go.set()
    assert (failed.value.outcome, provider.sent) == (Outcome.TIMED_OUT, [])


async def test_a_stream_closed_early_closes_the_one_behind_it() -> None:
    provider = Abroad()
    stream = Masked(provider, DETECTOR).stream("m", KEY, Call([HumanMessage("Иван Петров и другие")]), 5)
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    assert provider.closed


async def test_errors_of_the_provider_pass() -> None:
    def fails(call: Call) -> AIMessage:
        raise CallFailed(Outcome.RATE_LIMITED, "later", retry_after_s=3)

    with pytest.raises(CallFailed, match="later"):
        await Masked(Abroad(fails), DETECTOR).ask("m", KEY, Call([HumanMessage("Иван Петров")]), 5)


async def test_it_is_a_provider() -> None:
    inner = Abroad()
    masked: Provider = Masked(inner, DETECTOR)
    assert (masked.name, masked.region, await masked.models(KEY, 1)) == ("abroad", Region.ABROAD, ["key"])
    await masked.aclose()
    assert inner.closed


async def _both(masked: Masked, call: Call) -> tuple[Reply, str]:
    """The answer as a whole, and the text of the same as a stream."""
    reply = await masked.ask("m", KEY, call, 5)
    pieces = [piece async for piece in masked.stream("m", KEY, call, 5)]
    assert pieces[-1].reply == reply
    assert all(piece.reply is None and piece.text for piece in pieces[:-1])
    return reply, "".join(piece.text for piece in pieces)


async def _said(masked: Masked, call: Call, streamed: bool) -> None:
    if streamed:
        async for _ in masked.stream("m", KEY, call, 5):
            pass
    else:
        await masked.ask("m", KEY, call, 5)


def _leak(value: str, call: Call) -> str | None:
    """The value, a word of it or its digits, if any of that is left in what is sent."""
    sent = json.dumps(
        [_shown(message) for message in call.messages] + [call.tools, call.schema],
        ensure_ascii=False,
        default=str,
    )
    return leaked(value, sent)


def _shown(message: BaseMessage) -> dict[str, Any]:
    return message.model_dump()
