"""The providers of models over the real SDKs: what is sent, what is kept, what is left behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from tests.fakes.llm.anthropic import FakeAnthropic
from tests.fakes.llm.certificates import Authority
from tests.fakes.llm.gigachat import CREDENTIALS, FakeGigaChat
from tests.fakes.llm.openrouter import FakeOpenRouter
from tests.fakes.llm.script import (
    MALFORMED,
    Script,
    ToolCall,
    Turn,
    calls,
    fails,
    fails_in_200,
    slow,
    stalls,
    structured,
)
from tests.fakes.llm.vendor import KEY
from tests.fakes.llm.vendors import VENDORS, Vendor
from tools.llm.call import Call, CallFailed, Key, Provider, Region
from tools.llm.outcome import Outcome
from tools.llm.providers.anthropic import Anthropic
from tools.llm.providers.gigachat import GigaChat
from tools.llm.providers.openrouter import OpenRouter

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENT_S = 30.0
PROMPT = "Тайный вопрос про партнёрство"
CHAT = Call([SystemMessage("Отвечай кратко."), HumanMessage(PROMPT)])
NESTED = {
    "$defs": {
        "Reason": {
            "type": "object",
            "properties": {"text": {"type": "string"}, "weight": {"type": "number"}},
            "required": ["text"],
        }
    },
    "title": "Judgement",
    "type": "object",
    "properties": {
        "best": {"anyOf": [{"$ref": "#/$defs/Reason"}, {"type": "null"}], "default": None},
        "reasons": {"type": "array", "items": {"$ref": "#/$defs/Reason"}},
        "extra": {"type": "object"},
    },
    "required": ["reasons"],
}
TOOL = {"name": "judge", "description": "Оценить", "parameters": NESTED}
FIND = {
    "name": "find",
    "description": "Найти",
    "parameters": {"type": "object", "properties": {"name": {"type": "string"}}},
}


@pytest.fixture(scope="module", params=VENDORS)
def vendor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    with VENDORS[request.param](tmp_path_factory.mktemp(request.param)) as vendor:
        yield vendor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def provider(vendor: Vendor) -> AsyncIterator[Provider]:
    provider = vendor.open(PATIENT_S)
    yield provider
    await provider.aclose()


@pytest.fixture
def script(vendor: Vendor) -> Script:
    vendor.script.reset()
    return vendor.script


async def _until(script: Script, running: int) -> None:
    async with asyncio.timeout(PATIENT_S):
        while script.running != running:  # noqa: ASYNC110 - it is a server's, in another thread
            await asyncio.sleep(0.005)


async def _failure(provider: Provider, model: str, key: Key, call: Call = CHAT) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        await provider.ask(model, key, call, PATIENT_S)
    return caught.value


async def test_a_region_is_named(vendor: Vendor, provider: Provider) -> None:
    assert provider.name == vendor.name
    assert provider.region is (Region.RUSSIA if vendor.name == "gigachat" else Region.ABROAD)


async def test_models(vendor: Vendor, provider: Provider) -> None:
    assert vendor.model in await provider.models(vendor.key, PATIENT_S)


async def test_models_for_a_wrong_key(vendor: Vendor, provider: Provider) -> None:
    with pytest.raises(CallFailed) as caught:
        await provider.models(Key("second", "d3Jvbmc6a2V5"), PATIENT_S)
    assert caught.value.outcome is Outcome.UNAUTHORISED


async def test_a_wrong_key(vendor: Vendor, provider: Provider, script: Script) -> None:
    wrong = Key("second", "d3Jvbmc6a2V5")
    failure = await _failure(provider, vendor.model, wrong)
    assert failure.outcome is Outcome.UNAUTHORISED
    assert wrong.secret not in str(failure)


async def test_an_unknown_model(vendor: Vendor, provider: Provider, script: Script) -> None:
    failure = await _failure(provider, "no-such-model", vendor.key)
    assert failure.outcome is Outcome.BAD_REQUEST
    assert "no-such-model" in failure.message


async def test_a_refused_request_is_sent_once(vendor: Vendor, provider: Provider, script: Script) -> None:
    """The router owns retries."""
    script.always(fails(503))
    await _failure(provider, vendor.model, vendor.key)
    assert len(script.asked) == 1


async def test_one_key_does_not_answer_for_another(
    vendor: Vendor, provider: Provider, script: Script
) -> None:
    await provider.ask(vendor.model, vendor.key, CHAT, PATIENT_S)
    failure = await _failure(provider, vendor.model, Key(vendor.key.name, "d3Jvbmc6a2V5"))
    assert failure.outcome is Outcome.UNAUTHORISED


async def test_the_fake_counts_what_runs_at_once(vendor: Vendor, provider: Provider, script: Script) -> None:
    script.always(slow(0.2))
    await asyncio.gather(*(provider.ask(vendor.model, vendor.key, CHAT, PATIENT_S) for _ in range(8)))
    assert 2 <= script.peak <= 8
    assert script.running == 0


async def test_a_stream_closed_early_ends_its_request(
    vendor: Vendor, provider: Provider, script: Script
) -> None:
    script.always(stalls())
    stream = provider.stream(vendor.model, vendor.key, CHAT, PATIENT_S)
    assert (await anext(stream)).text
    assert script.running == 1
    await stream.aclose()  # type: ignore[attr-defined]
    await _until(script, running=0)


async def test_a_cancelled_call_ends_its_request(vendor: Vendor, provider: Provider, script: Script) -> None:
    script.always(Turn(hang=True))
    asking = asyncio.create_task(provider.ask(vendor.model, vendor.key, CHAT, PATIENT_S))
    await _until(script, running=1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await _until(script, running=0)


async def test_a_reader_of_a_stream_may_be_slow(vendor: Vendor, script: Script) -> None:
    """The limits are the vendor's: a reader who thinks longer than a piece may take is not cancelled."""
    hasty = vendor.open(0.2)
    texts = []
    async for piece in hasty.stream(vendor.model, vendor.key, CHAT, PATIENT_S):
        texts.append(piece.text)
        if len(texts) == 1:
            await asyncio.sleep(0.4)
    await hasty.aclose()
    assert "".join(texts) == Turn().text


async def test_results_of_tools_go_back_in_whatever_order_they_were_called(
    vendor: Vendor, provider: Provider, script: Script
) -> None:
    """The fakes refuse a result without its call and a call without its result."""
    asked = AIMessage(
        "Ищу.",
        tool_calls=[
            {"name": "find", "args": {"name": "Ромашка"}, "id": "a1"},
            {"name": "find", "args": {"name": "Василёк"}, "id": "a2"},
        ],
    )
    results = [
        ToolMessage("нашлась", tool_call_id="a1"),
        ToolMessage('{"id": 5}', tool_call_id="a2"),
    ]
    call = Call([*CHAT.messages, asked, *results], tools=[FIND])
    reply = await provider.ask(vendor.model, vendor.key, call, PATIENT_S)
    assert reply.message.text == Turn().text
    sent = str(script.asked[-1].body["messages"])
    assert "нашлась" in sent
    assert "Василёк" in sent


async def test_an_answer_is_history_to_every_vendor(
    vendor: Vendor, provider: Provider, script: Script, tmp_path: Path
) -> None:
    """A fallback goes on with what another model has said."""
    script.next(calls("find", name="Ромашка"))
    said = (await provider.ask(vendor.model, vendor.key, Call(CHAT.messages, [FIND]), PATIENT_S)).message
    result = ToolMessage('{"id": 5}', tool_call_id=said.tool_calls[0]["id"])
    for name, opened in VENDORS.items():
        (tmp_path / name).mkdir()
        with opened(tmp_path / name) as other:
            heir = other.open(PATIENT_S)
            call = Call([*CHAT.messages, said, result], [FIND])
            reply = await heir.ask(other.model, other.key, call, PATIENT_S)
            await heir.aclose()
            assert reply.outcome is Outcome.OK
            assert "Ромашка" in str(other.script.asked[-1].body)


@pytest.mark.parametrize("call", [Call(CHAT.messages, [TOOL]), Call(CHAT.messages, schema=NESTED)])
async def test_nested_and_optional_fields_are_told_in_the_vendors_form(
    vendor: Vendor, provider: Provider, script: Script, call: Call
) -> None:
    """The fakes refuse what the vendors do: open objects in strict schemas, unions and references."""
    script.next(structured({"reasons": [{"text": "сеть", "weight": 1}]}))
    reply = await provider.ask(vendor.model, vendor.key, call, PATIENT_S)
    assert "сеть" in reply.message.text
    assert str(script.asked[-1].body).count("weight") >= 1


async def test_arguments_that_are_not_json_are_invalid(
    vendor: Vendor, provider: Provider, script: Script
) -> None:
    if vendor.name == "gigachat":
        pytest.skip("its arguments are an object on the wire")
    script.always(Turn(text="", tools=(ToolCall("find", '{"name": "Ром'),)))
    call = Call(CHAT.messages, [FIND])
    with pytest.raises(CallFailed) as caught:
        async for _ in provider.stream(vendor.model, vendor.key, call, PATIENT_S):
            pass
    assert caught.value.outcome is Outcome.INVALID
    assert caught.value.tokens.output == Turn().tokens_out


async def test_nothing_personal_is_logged(
    vendor: Vendor, provider: Provider, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    """Even by an SDK that is told to log everything."""
    caplog.set_level(logging.DEBUG)
    for turn in (Turn(text="Личный ответ"), fails(400), MALFORMED):
        script.always(turn)
        for call in (CHAT, Call(CHAT.messages, [FIND]), Call(CHAT.messages, schema=NESTED)):
            for asking in (_asked(provider, vendor, call), _streamed(provider, vendor, call)):
                await asking
    for secret in (PROMPT, "Личный", "партнёрство", vendor.key.secret, "token-"):
        assert secret not in caplog.text


async def _asked(provider: Provider, vendor: Vendor, call: Call) -> None:
    try:
        await provider.ask(vendor.model, vendor.key, call, PATIENT_S)
    except CallFailed:
        return


async def _streamed(provider: Provider, vendor: Vendor, call: Call) -> None:
    try:
        async for _ in provider.stream(vendor.model, vendor.key, call, PATIENT_S):
            pass
    except CallFailed:
        return


async def test_the_environment_changes_nothing(
    vendor: Vendor, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tools take constructor arguments only; the SDKs would read all of these."""
    for name in ("GIGACHAT_ACCESS_TOKEN", "GIGACHAT_USER", "GIGACHAT_PASSWORD", "GIGACHAT_CA_BUNDLE_FILE"):
        monkeypatch.setenv(name, "/from/the/environment")
    monkeypatch.setenv("GIGACHAT_MAX_RETRIES", "3")
    for name in (
        "OPENAI_PROXY",
        "OPENAI_API_BASE",
        "OPENAI_BASE_URL",
        "ANTHROPIC_BASE_URL",
        "ANTHROPIC_PROXY",
    ):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.setenv(name, "from-the-environment")
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("LANGSMITH_ENDPOINT", "http://127.0.0.1:9")
    provider = vendor.open(PATIENT_S)
    assert (await provider.ask(vendor.model, vendor.key, CHAT, PATIENT_S)).outcome is Outcome.OK
    script.always(fails(503))
    await _failure(provider, vendor.model, vendor.key)
    await provider.aclose()
    assert len(script.asked) == 2


async def test_after_an_error_the_provider_answers_again(
    vendor: Vendor, provider: Provider, script: Script
) -> None:
    script.next(Turn(cut=10), fails_in_200(500))
    await _failure(provider, vendor.model, vendor.key)
    await _failure(provider, vendor.model, vendor.key)
    assert (await provider.ask(vendor.model, vendor.key, CHAT, PATIENT_S)).outcome is Outcome.OK


async def test_nobody_listens(vendor: Vendor, tmp_path: Path) -> None:
    with VENDORS[vendor.name](tmp_path) as gone:
        provider = gone.open(PATIENT_S)
    failure = await _failure(provider, vendor.model, vendor.key)
    await provider.aclose()
    assert failure.outcome is Outcome.UNAVAILABLE


# What only one of the vendors has.


async def test_openrouter_is_always_told_to_keep_nothing() -> None:
    with FakeOpenRouter() as fake:
        provider = OpenRouter(fake.url)
        key = Key("first", KEY)
        for call in (CHAT, Call(CHAT.messages, [FIND]), Call(CHAT.messages, schema=NESTED)):
            await provider.ask("openai/gpt-4o", key, call, PATIENT_S)
            async for _ in provider.stream("openai/gpt-4o", key, call, PATIENT_S):
                pass
        await provider.aclose()
    assert len(fake.script.asked) == 6
    for asked in fake.script.asked:
        assert asked.body["provider"] == {"data_collection": "deny", "zdr": True}
        assert "referer" not in asked.headers


async def test_openrouter_says_in_a_200_how_it_failed() -> None:
    with FakeOpenRouter() as fake:
        provider = OpenRouter(fake.url)
        fake.script.always(fails_in_200(429))
        failure = await _failure(provider, "openai/gpt-4o", Key("first", KEY))
        await provider.aclose()
    assert failure.outcome is Outcome.RATE_LIMITED


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
        failure = await _failure(provider, "claude-sonnet-4-6", Key("first", KEY))
        await provider.aclose()
    assert failure.outcome is outcome
    assert told in failure.message


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
            async for _ in provider.stream("claude-sonnet-4-6", Key("first", KEY), CHAT, PATIENT_S):
                pass
        await provider.aclose()
    assert caught.value.outcome is Outcome.RATE_LIMITED


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def fake(authority: Authority) -> Iterator[FakeGigaChat]:
    with FakeGigaChat(authority.issue()) as fake:
        yield fake


@pytest_asyncio.fixture(loop_scope="module")
async def gigachat(fake: FakeGigaChat, authority: Authority) -> AsyncIterator[GigaChat]:
    provider = GigaChat(fake.url, fake.auth_url, ca_bundle_file=authority.ca_bundle)
    yield provider
    await provider.aclose()


async def _ask(provider: GigaChat, call: Call = CHAT, timeout_s: float = PATIENT_S) -> Any:
    return await provider.ask("GigaChat-2-Max", Key("first", CREDENTIALS), call, timeout_s)


async def test_gigachat_logs_in_once(fake: FakeGigaChat, gigachat: GigaChat) -> None:
    await asyncio.gather(*(_ask(gigachat) for _ in range(8)))
    await _ask(gigachat)
    assert len(fake.oauth.asked) == 1
    assert fake.oauth.asked[0].body == "scope=GIGACHAT_API_PERS"


async def test_gigachat_logs_in_again_when_its_token_has_run_out(
    fake: FakeGigaChat, gigachat: GigaChat
) -> None:
    fake.token_life_s = 1.0  # less than the minute ahead of time at which a token is renewed
    await _ask(gigachat)
    await _ask(gigachat)
    assert len(fake.oauth.asked) == 2


async def test_gigachat_logs_in_again_when_its_token_is_revoked(
    fake: FakeGigaChat, gigachat: GigaChat
) -> None:
    await _ask(gigachat)
    fake.revoke()
    await _ask(gigachat)
    assert len(fake.oauth.asked) == 2


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Outcome.UNAUTHORISED),
        (401, Outcome.UNAUTHORISED),
        (429, Outcome.RATE_LIMITED),
        (500, Outcome.UNAVAILABLE),
    ],
)
async def test_gigachat_is_not_let_in(
    fake: FakeGigaChat, gigachat: GigaChat, status: int, outcome: Outcome
) -> None:
    fake.oauth.always(fails(status))
    with pytest.raises(CallFailed) as caught:
        await _ask(gigachat)
    assert caught.value.outcome is outcome
    assert not fake.script.asked


async def test_gigachats_door_hangs(fake: FakeGigaChat, gigachat: GigaChat) -> None:
    fake.oauth.next(Turn(hang=True))
    with pytest.raises(CallFailed) as caught:
        await _ask(gigachat, timeout_s=0.25)
    assert caught.value.outcome is Outcome.TIMED_OUT
    assert (await _ask(gigachat)).outcome is Outcome.OK


async def test_gigachat_of_another_scope(fake: FakeGigaChat, authority: Authority) -> None:
    provider = GigaChat(
        fake.url, fake.auth_url, scope="GIGACHAT_API_CORP", ca_bundle_file=authority.ca_bundle
    )
    await _ask(provider)
    await provider.aclose()
    assert fake.oauth.asked[0].body == "scope=GIGACHAT_API_CORP"


async def test_gigachat_without_the_russian_root_is_not_trusted(fake: FakeGigaChat) -> None:
    provider = GigaChat(fake.url, fake.auth_url)
    with pytest.raises(CallFailed) as caught:
        await _ask(provider)
    await provider.aclose()
    assert caught.value.outcome is Outcome.UNAVAILABLE
    assert not fake.oauth.asked


async def test_a_root_certificate_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        GigaChat(ca_bundle_file=tmp_path / "none.pem")


async def test_gigachat_by_json_schema(fake: FakeGigaChat, authority: Authority) -> None:
    provider = GigaChat(fake.url, fake.auth_url, ca_bundle_file=authority.ca_bundle, schema_by="json_schema")
    fake.script.always(structured({"reasons": []}))
    reply = await _ask(provider, Call(CHAT.messages, schema=NESTED))
    await provider.aclose()
    assert reply.message.text == '{"reasons": []}'
    assert fake.script.asked[0].body["response_format"]["schema"] == NESTED


async def test_gigachat_gets_its_state_of_functions_back(fake: FakeGigaChat, gigachat: GigaChat) -> None:
    fake.script.next(calls("find", name="Ромашка"))
    said = (await _ask(gigachat, Call(CHAT.messages, [FIND]))).message
    result = ToolMessage("нашлась", tool_call_id=said.tool_calls[0]["id"])
    await _ask(gigachat, Call([*CHAT.messages, said, result], [FIND]))
    assert fake.script.asked[-1].body["messages"][2]["functions_state_id"] == "state-1"
