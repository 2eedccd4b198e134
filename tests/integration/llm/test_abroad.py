"""What only OpenRouter or only Anthropic has."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.fakes.llm.anthropic import FakeAnthropic
from tests.fakes.llm.asking import CHAT, FINDING, JUDGING, PATIENT_S, failure, streamed
from tests.fakes.llm.openrouter import FakeOpenRouter
from tests.fakes.llm.script import ToolCall, Turn, fails_in_200
from tests.fakes.llm.vendor import KEY
from tools.llm.call import Call, CallFailed, Key, Provider
from tools.llm.outcome import Outcome
from tools.llm.providers.anthropic import Anthropic
from tools.llm.providers.openrouter import OpenRouter

BOTH = pytest.mark.parametrize(
    ("opened", "provides", "model"),
    [(FakeOpenRouter, OpenRouter, "openai/gpt-4o"), (FakeAnthropic, Anthropic, "claude-sonnet-4-6")],
)


async def test_openrouter_is_always_told_to_keep_nothing() -> None:
    with FakeOpenRouter() as fake:
        provider = OpenRouter(fake.url)
        key = Key("first", KEY)
        for call in (CHAT, FINDING, JUDGING):
            await provider.ask("openai/gpt-4o", key, call, PATIENT_S)
            await streamed(provider, "openai/gpt-4o", key, call)
        await provider.aclose()
    assert len(fake.script.asked) == 6
    for asked in fake.script.asked:
        assert asked.body["provider"] == {"data_collection": "deny", "zdr": True}
        assert "referer" not in asked.headers


async def test_openrouter_says_in_a_200_how_it_failed() -> None:
    with FakeOpenRouter() as fake:
        provider = OpenRouter(fake.url)
        fake.script.always(fails_in_200(429))
        failed = await failure(provider, "openai/gpt-4o", Key("first", KEY))
        await provider.aclose()
    assert failed.outcome is Outcome.RATE_LIMITED


@pytest.mark.parametrize(
    ("status", "sentence", "outcome", "told"),
    [
        (
            400,
            "prompt is too long: 215000 tokens > 200000 maximum",
            Outcome.BAD_REQUEST,
            "prompt over the context by 15000 tokens (215000 > 200000)",
        ),
        (400, "Your credit balance is too low to access the API.", Outcome.OUT_OF_MONEY, "400"),
        (400, "Output blocked by content filtering policy", Outcome.FILTERED, "400"),
    ],
)
async def test_anthropic_says_much_with_a_400(
    status: int, sentence: str, outcome: Outcome, told: str
) -> None:
    with FakeAnthropic() as fake:
        provider = Anthropic(fake.url)
        fake.script.always(Turn(status=status, said=sentence))
        failed = await failure(provider, "claude-sonnet-4-6", Key("first", KEY))
        await provider.aclose()
    assert failed.outcome is outcome
    assert told in failed.message


async def test_anthropic_gets_a_temperature_only_where_it_may() -> None:
    """The newer models refuse one."""
    with FakeAnthropic() as fake:
        provider = Anthropic(fake.url, max_tokens=100)
        for model in ("claude-sonnet-4-6", "claude-sonnet-5-5"):
            await provider.ask(model, Key("first", KEY), Call(CHAT.messages, temperature=0.3), PATIENT_S)
        await provider.aclose()
    assert [asked.body.get("temperature") for asked in fake.script.asked] == [0.3, None]
    assert [asked.body["max_tokens"] for asked in fake.script.asked] == [100, 100]


async def test_anthropic_says_in_a_stream_how_it_failed() -> None:
    with FakeAnthropic() as fake:
        provider = Anthropic(fake.url)
        fake.script.always(fails_in_200(429))
        with pytest.raises(CallFailed) as caught:
            await streamed(provider, "claude-sonnet-4-6", Key("first", KEY), CHAT)
        await provider.aclose()
    assert caught.value.outcome is Outcome.RATE_LIMITED


async def test_openrouter_is_asked_as_by_langchain() -> None:
    """We post the body ourselves; streams, and everybody else, have the SDK make it."""
    with FakeOpenRouter() as fake:
        provider, key = OpenRouter(fake.url), Key("first", KEY)
        for call in (FINDING, JUDGING):
            await provider.ask("openai/gpt-4o", key, call, PATIENT_S)
            await streamed(provider, "openai/gpt-4o", key, call)
        await provider.aclose()
    streamed_by = ("stream", "stream_options")
    bodies = [
        {name: it for name, it in asked.body.items() if name not in streamed_by}
        for asked in fake.script.asked
    ]
    assert bodies[0] == bodies[1] != bodies[2] == bodies[3]


@BOTH
async def test_arguments_that_broke_off_are_invalid(opened: Any, provides: Any, model: str) -> None:
    """LangChain would mend them, and half an address would look like a whole one."""
    with opened() as fake:
        provider = provides(fake.url)
        fake.script.always(Turn(text="", tools=(ToolCall("find", '{"name": "Ром'),)))
        with pytest.raises(CallFailed) as caught:
            await streamed(provider, model, Key("first", KEY), FINDING)
        await provider.aclose()
    assert caught.value.outcome is Outcome.INVALID
    assert caught.value.tokens.output == Turn().tokens_out


@BOTH
def test_a_connection_is_not_left_to_the_next_loop(opened: Any, provides: Any, model: str) -> None:
    """LangChain keeps its clients for ever, with connections that belong to a loop that has ended."""
    with opened() as fake:
        for _ in range(2):
            asyncio.run(_asked_and_closed(provides(fake.url), model))


async def _asked_and_closed(provider: Provider, model: str) -> None:
    assert (await provider.ask(model, Key("first", KEY), CHAT, PATIENT_S)).outcome is Outcome.OK
    await provider.aclose()
