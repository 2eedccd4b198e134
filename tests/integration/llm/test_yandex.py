"""YandexGPT by the vendor's real SDK against a local gRPC server: every fault in every way of asking."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolCall, ToolMessage

from tests.fakes.llm.script import (
    ANSWER,
    FILTERED,
    HANG,
    MALFORMED,
    TEXT,
    Turn,
    cut,
    fails,
    says,
    slow,
    stalls,
    structured,
)
from tests.fakes.llm.script import ToolCall as Called
from tests.fakes.llm.vendor import KEY as SECRET
from tests.fakes.llm.yandex import FOLDER, SERVICE, FakeYandex
from tests.fakes.web import FakeWeb
from tools.llm.call import Call, CallFailed, Key, Piece, Region, Tokens
from tools.llm.outcome import Outcome
from tools.llm.providers.yandex import Yandex

MODEL = "yandexgpt/latest"
KEY = Key("main", SECRET)
PROMPT = "Совершенно секретно: Иванов Пётр, +7 916 123-45-67"
ASKED: Sequence[BaseMessage] = (SystemMessage("Ты помощник."), HumanMessage(PROMPT))
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {"name": "weather", "description": "Погода", "parameters": SCHEMA}
VALUE = {"city": "Казань"}

CALLS: Mapping[str, Call] = {
    "chat": Call(ASKED),
    "stream": Call(ASKED),
    "tools": Call(ASKED, tools=[TOOL]),
    "structured": Call(ASKED, schema=SCHEMA),
}


@pytest.fixture
async def yandex(fake: FakeYandex, new_id: Callable[[], str]) -> AsyncIterator[Yandex]:
    yandex = at(fake.address, new_id)
    yield yandex
    await yandex.aclose()


def at(address: str, new_id: Callable[[], str], **changes: Any) -> Yandex:
    way = {"endpoint": None, "service_map": {SERVICE: address}, "verify": False, "stall_s": 0.2}
    return Yandex(FOLDER, new_id, **way | changes)


async def streamed(yandex: Yandex, call: Call, timeout_s: float = 10) -> list[Piece]:
    return [piece async for piece in yandex.stream(MODEL, KEY, call, timeout_s)]


async def test_what_is_sent(yandex: Yandex, fake: FakeYandex) -> None:
    call = Call(ASKED, tools=[TOOL], temperature=0.7, max_tokens=50)
    assert (await yandex.ask(MODEL, KEY, call, 10)).message.text == TEXT
    asked, headers = fake.script.asked[0].body, fake.script.asked[0].headers
    assert headers["authorization"] == f"Api-Key {SECRET}"
    assert headers["x-data-logging-enabled"] == "false"
    assert asked.model_uri == f"gpt://{FOLDER}/{MODEL}"
    assert [(message.role, message.text) for message in asked.messages] == [
        ("system", "Ты помощник."),
        ("user", PROMPT),
    ]
    assert (asked.completion_options.temperature.value, asked.completion_options.max_tokens.value) == (
        0.7,
        50,
    )
    function = asked.tools[0].function
    assert (function.name, function.description, function.parameters["required"][0]) == (
        "weather",
        "Погода",
        "city",
    )
    await yandex.ask("yandexgpt-lite", KEY, Call(ASKED, schema=SCHEMA), 10)
    asked = fake.script.asked[1].body
    assert asked.model_uri == f"gpt://{FOLDER}/yandexgpt-lite/latest"
    assert asked.json_schema.schema["required"][0] == "city"
    assert not asked.completion_options.HasField("max_tokens")


async def test_structured_answer_is_the_json_that_was_said(yandex: Yandex, fake: FakeYandex) -> None:
    fake.script.next(structured(VALUE), says('{"city": '))
    assert (await yandex.ask(MODEL, KEY, CALLS["structured"], 10)).message.text == '{"city": "Казань"}'
    broken = await yandex.ask(MODEL, KEY, CALLS["structured"], 10)
    assert (broken.outcome, broken.message.text) == (Outcome.OK, '{"city": ')


@pytest.mark.parametrize("stream", [False, True])
async def test_tool_calls(yandex: Yandex, fake: FakeYandex, stream: bool) -> None:
    arguments = {
        "days": 3,
        "wind": 2.5,
        "list": [1, {"x": -0.0}],
        "yes": True,
        "nothing": None,
        "город": "Уфа",
    }
    fake.script.next(Turn(text="Смотрю. ", tools=(Called("weather", arguments), Called("weather", {}))))
    if stream:
        *pieces, last = await streamed(yandex, CALLS["tools"])
        assert [piece.text for piece in pieces] == ["Смотрю. "]
        assert last.reply is not None
        message = last.reply.message
    else:
        message = (await yandex.ask(MODEL, KEY, CALLS["tools"], 10)).message
    first, second = message.tool_calls
    assert first["args"] == arguments
    assert {name: type(value) for name, value in first["args"].items()} == {
        name: type(value) for name, value in arguments.items()
    }
    assert isinstance(first["args"]["list"][0], int)
    assert (second["args"], first["id"], second["id"]) == ({}, "id-000001", "id-000002")


async def test_results_of_tools(yandex: Yandex, fake: FakeYandex) -> None:
    """Results go by their order there, so it is that of the calls, whoever was ready first."""
    asking = AIMessage(
        "Посмотрю.",
        tool_calls=[
            ToolCall(name="weather", args={"city": "Уфа"}, id="a"),
            ToolCall(name="weather", args={"city": "Омск"}, id="b"),
        ],
    )
    results = [ToolMessage("-20", tool_call_id="b"), ToolMessage("-5", tool_call_id="a")]
    await yandex.ask(MODEL, KEY, Call([*ASKED, asking, *results, HumanMessage("И?")], tools=[TOOL]), 10)
    said, called, answered, then = fake.script.asked[0].body.messages[2:]
    assert (said.role, said.text, then.text) == ("assistant", "Посмотрю.", "И?")
    assert [call.function_call.arguments["city"] for call in called.tool_call_list.tool_calls] == [
        "Уфа",
        "Омск",
    ]
    found = [result.function_result for result in answered.tool_result_list.tool_results]
    assert [(result.name, result.content) for result in found] == [("weather", "-5"), ("weather", "-20")]


@pytest.mark.parametrize(
    ("message", "word"),
    [
        (HumanMessage([{"type": "image_url", "image_url": {"url": "data:"}}]), "Unsayable:image_url"),
        (ToolMessage("7", tool_call_id="nobody's"), "Unsayable:a_result_without_its_call"),
        (HumanMessage("\ud800"), "UnicodeEncodeError"),
        (HumanMessage("а" * 3_000_000), "RESOURCE_EXHAUSTED"),
        (HumanMessage(""), "INVALID_ARGUMENT"),
    ],
)
async def test_what_cannot_be_asked(yandex: Yandex, message: BaseMessage, word: str) -> None:
    for way in (yandex.ask(MODEL, KEY, Call([message]), 10), streamed(yandex, Call([message]))):
        with pytest.raises(CallFailed, match=word) as failed:
            await way
        assert failed.value.outcome is Outcome.BAD_REQUEST


@pytest.mark.parametrize(("said", "seconds"), [("7", 7), ("7s", 7), (None, None), ("soon", None)])
async def test_retry_after(yandex: Yandex, fake: FakeYandex, said: str | None, seconds: float | None) -> None:
    fake.script.next(fails(429, said))
    with pytest.raises(CallFailed, match=r"429 ai\.textGenerationCompletionSessionsCount\.count$") as failed:
        await yandex.ask(MODEL, KEY, CALLS["chat"], 10)
    assert failed.value.retry_after_s == seconds


async def test_prompt_over_the_context(yandex: Yandex, fake: FakeYandex) -> None:
    fake.context = 4
    try:
        with pytest.raises(CallFailed, match=r"over the context by 5 tokens \(9 > 4\)") as failed:
            await yandex.ask(MODEL, KEY, CALLS["chat"], 10)
    finally:
        fake.context = None
    assert failed.value.outcome is Outcome.BAD_REQUEST


async def test_filtered_answer_tells_its_price(yandex: Yandex, fake: FakeYandex) -> None:
    fake.script.next(FILTERED)
    with pytest.raises(CallFailed) as failed:
        await yandex.ask(MODEL, KEY, CALLS["chat"], 10)
    assert failed.value.tokens == Tokens(11, 7)


async def test_stream_is_new_text_only(yandex: Yandex, fake: FakeYandex) -> None:
    """The vendor repeats the whole text with every piece, and once more at the end."""
    *pieces, last = await streamed(yandex, CALLS["stream"])
    assert [piece.text for piece in pieces] == ANSWER.pieces
    assert last.reply is not None
    assert (last.reply.message.text, last.reply.tokens) == (TEXT, Tokens(11, 7))
    assert fake.script.asked[0].body.completion_options.stream


async def test_stalled_stream(yandex: Yandex, fake: FakeYandex) -> None:
    fake.script.next(stalls(after=2))
    said: list[str] = []
    with pytest.raises(CallFailed, match=r"silent for 0\.2 s") as failed:
        async for piece in yandex.stream(MODEL, KEY, CALLS["stream"], 10):
            said.append(piece.text)
    assert (failed.value.outcome, said) == (Outcome.UNAVAILABLE, ANSWER.pieces[:2])
    await until(fake, running=0)


async def test_closed_stream_ends_its_request(yandex: Yandex, fake: FakeYandex) -> None:
    fake.script.next(slow(0.05, says("слово " * 1000)))
    async with aclosing(yandex.stream(MODEL, KEY, CALLS["stream"], 60)) as pieces:
        await anext(pieces)
        assert fake.script.running == 1
    await until(fake, running=0)


async def test_cancelled_call_ends_its_request(yandex: Yandex, fake: FakeYandex) -> None:
    fake.script.next(HANG)
    asking = asyncio.create_task(yandex.ask(MODEL, KEY, CALLS["chat"], 60))
    await until(fake, running=1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(fake, running=0)


async def until(fake: FakeYandex, running: int) -> None:
    """Patience for the news to arrive at the server, which runs in another thread."""
    async with asyncio.timeout(10):
        while fake.script.running != running:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_many_at_once_share_one_client(yandex: Yandex, fake: FakeYandex) -> None:
    fake.script.always(slow(0.1))
    replies = await asyncio.gather(*(yandex.ask(MODEL, KEY, CALLS["chat"], 30) for _ in range(64)))
    assert {reply.message.text for reply in replies} == {TEXT}
    assert fake.script.peak > 10, "one client serves many at once"
    assert yandex._chat("a", KEY).studio is yandex._chat("b", KEY).studio  # type: ignore[attr-defined]


async def test_lost_connection_comes_back(yandex: Yandex, fake: FakeYandex) -> None:
    """By itself gRPC would wait twice as long as this patience after so many attempts."""
    fake.wire.dropping = 5
    fake.script.next(cut(20))
    outcomes = []
    async with asyncio.timeout(6):
        while Outcome.OK not in outcomes:
            outcomes.append(await outcome_of(yandex))
            await asyncio.sleep(0.05)
    assert set(outcomes) == {Outcome.UNAVAILABLE, Outcome.OK}


async def outcome_of(yandex: Yandex) -> Outcome:
    try:
        return (await yandex.ask(MODEL, KEY, CALLS["chat"], 10)).outcome
    except CallFailed as failed:
        return failed.outcome


async def test_closing_ends_the_connections(yandex: Yandex, fake: FakeYandex) -> None:
    """gRPC's calls, which lie about in cycles, hold the connection until they are collected."""
    await yandex.ask(MODEL, KEY, CALLS["chat"], 10)
    assert fake.wire.connections == 1
    await yandex.aclose()
    gc.collect()
    async with asyncio.timeout(10):
        while fake.wire.connections:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_malformed_answer_is_named(yandex: Yandex, fake: FakeYandex) -> None:
    fake.script.next(MALFORMED)
    with pytest.raises(CallFailed, match="BrokenAnswer"):
        await yandex.ask(MODEL, KEY, CALLS["chat"], 10)


async def test_nobody_there(new_id: Callable[[], str]) -> None:
    yandex = at("127.0.0.1:1", new_id)
    for way in (yandex.ask(MODEL, KEY, CALLS["chat"], 10), streamed(yandex, CALLS["chat"])):
        with pytest.raises(CallFailed) as failed:
            await way
        assert failed.value.outcome is Outcome.UNAVAILABLE
    await yandex.aclose()


@pytest.mark.parametrize("secret", ["ключ", "two\nlines", "", "another-key"])
async def test_bad_key(yandex: Yandex, secret: str) -> None:
    with pytest.raises(CallFailed) as failed:
        await yandex.ask(MODEL, Key("bad", secret), CALLS["chat"], 10)
    assert failed.value.outcome is Outcome.UNAUTHORISED


async def test_iam_token(yandex: Yandex, fake: FakeYandex) -> None:
    fake.keys.add("t1.token")
    await yandex.ask(MODEL, Key("iam", "t1.token"), CALLS["chat"], 10)
    assert fake.script.asked[0].headers["authorization"] == "Bearer t1.token"


async def test_unknown_model(yandex: Yandex) -> None:
    with pytest.raises(CallFailed, match="404 NOT_FOUND") as failed:
        await yandex.ask("yandexgpt/older", KEY, CALLS["chat"], 10)
    assert failed.value.outcome is Outcome.BAD_REQUEST


async def test_endpoint_is_found_in_the_catalogue(fake: FakeYandex, new_id: Callable[[], str]) -> None:
    yandex = at("", new_id, endpoint=fake.address, service_map=None)
    assert (await yandex.ask(MODEL, KEY, CALLS["chat"], 10)).outcome is Outcome.OK
    await yandex.aclose()


async def test_models(fake: FakeYandex, new_id: Callable[[], str]) -> None:
    with FakeWeb() as web:
        yandex = at(fake.address, new_id, service_map={"http_completions": web.url("/v1/")})
        with pytest.raises(CallFailed) as failed:
            await yandex.models(KEY, 10)
        assert failed.value.outcome is Outcome.BAD_REQUEST  # 404
        web.serve("/v1/models", "no JSON")
        with pytest.raises(CallFailed) as failed:
            await yandex.models(KEY, 10)
        assert failed.value.outcome is Outcome.UNAVAILABLE
        listed = [{"id": uri, "owned_by": "yandex"} for uri in (f"gpt://{FOLDER}/{MODEL}", "emb://x/y")]
        web.serve("/v1/models", json.dumps({"data": listed}))
        assert list(await yandex.models(KEY, 10)) == [MODEL]
        assert web.requests[-1].headers["authorization"] == f"Api-Key {SECRET}"
    await yandex.aclose()


def test_region(yandex: Yandex) -> None:
    assert (yandex.name, yandex.region) == ("yandex", Region.RUSSIA)
