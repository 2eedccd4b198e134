"""ChatYandex as LangChain uses it: invoked, streamed, in an agent's loop, with tools and schemas."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, TypedDict

import pytest
from langchain.agents import create_agent
from langchain_core.caches import InMemoryCache
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.tools import tool
from pydantic import BaseModel

from tests.fakes.llm.script import ANSWER, FILTERED, TEXT, TRUNCATED, Turn, calls, says, structured
from tests.fakes.llm.vendor import KEY
from tests.fakes.llm.yandex import FOLDER, SERVICE, FakeYandex
from tests.fakes.llm.yandex_answers import MODEL_VERSION
from tools.llm.providers.yandex_chat import BrokenAnswer, ChatYandex
from tools.llm.providers.yandex_studio import Studio
from tools.llm.providers.yandex_words import Unsayable

USAGE = {
    "input_tokens": 11,
    "output_tokens": 7,
    "total_tokens": 18,
    "output_token_details": {"reasoning": 0},
}


class City(BaseModel):
    """A city."""

    name: str
    people: int


class Town(TypedDict):
    """A town."""

    name: str


@tool
def population(city: str, year: int) -> str:
    """How many live there."""
    return f"{city}: {year * 100}"


@pytest.fixture
async def chat(fake: FakeYandex, new_id: Callable[[], str]) -> AsyncIterator[ChatYandex]:
    studio = Studio(FOLDER, KEY, endpoint=None, service_map={SERVICE: fake.address}, verify=False)
    yield ChatYandex(studio=studio, new_id=new_id, timeout_s=10)
    await studio.aclose()


@pytest.mark.parametrize(
    ("turn", "finish"), [(ANSWER, "stop"), (TRUNCATED, "length"), (FILTERED, "content_filter")]
)
async def test_answer(chat: ChatYandex, fake: FakeYandex, turn: Turn, finish: str) -> None:
    """A filtered answer is one like any other here."""
    fake.script.next(turn)
    message = await chat.ainvoke("Привет")
    assert (message.content, message.usage_metadata) == (turn.text, USAGE)
    assert message.response_metadata["finish_reason"] == finish
    assert message.response_metadata["model_name"] == f"yandexgpt/latest@{MODEL_VERSION}"


async def test_stream(chat: ChatYandex) -> None:
    chunks = [chunk async for chunk in chat.astream("Привет")]
    assert [chunk.content for chunk in chunks if chunk.content] == ANSWER.pieces
    whole = _sum(chunks)
    assert (whole.content, whole.usage_metadata) == (TEXT, USAGE)
    assert whole.response_metadata["finish_reason"] == "stop"


async def test_filter_strikes_in_the_stream(chat: ChatYandex, fake: FakeYandex) -> None:
    fake.script.next(FILTERED)
    whole = _sum([chunk async for chunk in chat.astream("Привет")])
    assert (whole.content, whole.response_metadata["finish_reason"]) == (ANSWER.pieces[0], "content_filter")


async def test_stream_without_an_end(chat: ChatYandex, fake: FakeYandex) -> None:
    fake.script.next(Turn(ends=2))
    with pytest.raises(BrokenAnswer):
        _ = [chunk async for chunk in chat.astream("Привет")]


async def test_agent(chat: ChatYandex, fake: FakeYandex) -> None:
    """LangChain's own agent: the model calls a tool, sees its result and answers."""
    fake.script.next(calls("population", city="Омск", year=2026), says("Двести."))
    state = await create_agent(chat, [population]).ainvoke({"messages": [HumanMessage("Сколько?")]})
    _, asking, result, said = state["messages"]
    assert asking.tool_calls[0]["args"] == {"city": "Омск", "year": 2026}
    assert (result.content, said.content) == ("Омск: 202600", "Двести.")
    first, second = (asked.body for asked in fake.script.asked)
    assert first.tools[0].function.name == "population"
    assert second.messages[-1].tool_result_list.tool_results[0].function_result.content == "Омск: 202600"


async def test_streamed_tool_calls(chat: ChatYandex, fake: FakeYandex) -> None:
    fake.script.next(Turn(text="Считаю. ", tools=calls("population", city="Омск", year=2026).tools))
    whole = _sum([chunk async for chunk in chat.bind_tools([population]).astream("Сколько?")])
    assert whole.content == "Считаю. "
    assert [call["args"] for call in whole.tool_calls] == [{"city": "Омск", "year": 2026}]


@pytest.mark.parametrize(
    ("choice", "mode", "name"),
    [
        (None, 0, ""),
        ("any", 3, ""),
        ("required", 3, ""),
        ("auto", 2, ""),
        ("none", 1, ""),
        ("population", 0, "population"),
    ],
)
async def test_choice_of_tools(
    chat: ChatYandex, fake: FakeYandex, choice: str | None, mode: int, name: str
) -> None:
    await chat.bind_tools([population], tool_choice=choice).ainvoke("Сколько?")
    sent = fake.script.asked[0].body.tool_choice
    assert (sent.mode, sent.function_name) == (mode, name)


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (City, City(name="Омск", people=1100000)),
        (Town, {"name": "Омск"}),
        ({"title": "Village", "type": "object", "properties": {"name": {"type": "string"}}}, {"name": "Я"}),
    ],
)
async def test_structured(chat: ChatYandex, fake: FakeYandex, schema: Any, value: Any, method: str) -> None:
    told = value.model_dump() if isinstance(value, BaseModel) else value
    name = schema["title"] if isinstance(schema, dict) else schema.__name__
    fake.script.next(structured(told) if method == "json_schema" else calls(name, **told))
    assert await chat.with_structured_output(schema, method=method).ainvoke("Где?") == value
    asked = fake.script.asked[0].body
    assert asked.HasField("json_schema") == (method == "json_schema")


async def test_structured_answer_that_is_no_object(chat: ChatYandex, fake: FakeYandex) -> None:
    fake.script.always(says('{"name": "Омск"}'))
    with pytest.raises(OutputParserException):
        await chat.with_structured_output(City).ainvoke("Где?")
    both = await chat.with_structured_output(City, include_raw=True).ainvoke("Где?")
    assert isinstance(both, dict)
    assert (both["raw"].content, both["parsed"]) == ('{"name": "Омск"}', None)
    assert isinstance(both["parsing_error"], OutputParserException)


async def test_cache_knows_models_and_temperatures_apart(fake: FakeYandex, chat: ChatYandex) -> None:
    cache = InMemoryCache()
    for changes in ({}, {}, {"model": "yandexgpt-lite/latest"}, {"temperature": 0.5}, {"max_tokens": 5}):
        await chat.model_copy(update={"cache": cache, **changes}).ainvoke("Привет")
    assert len(fake.script.asked) == 4


async def test_stop_words_are_refused(chat: ChatYandex) -> None:
    with pytest.raises(Unsayable):
        await chat.ainvoke("Привет", stop=["."])


async def test_result_without_its_call(chat: ChatYandex) -> None:
    with pytest.raises(Unsayable):
        await chat.ainvoke([AIMessage("?"), ToolMessage("7", tool_call_id="1")])


def test_key_is_in_no_repr(chat: ChatYandex) -> None:
    assert KEY not in f"{chat!r} {chat.model_dump()} {chat.studio!r} {chat._identifying_params}"


def test_synchronous_use_is_refused(chat: ChatYandex) -> None:
    with pytest.raises(NotImplementedError, match="ainvoke"):
        chat.invoke("Привет")


def _sum(chunks: list[AIMessageChunk]) -> AIMessageChunk:
    first, *rest = chunks
    return first + rest if rest else first
