"""The providers of models over the real SDKs: what is sent, what is kept, what is left behind."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage, ToolMessage

from tests.fakes.llm.asking import (
    CHAT,
    FIND,
    FINDING,
    JUDGING,
    NESTED,
    PATIENT_S,
    PROMPT,
    failure,
    streamed,
    until,
)
from tests.fakes.llm.script import (
    MALFORMED,
    Script,
    Turn,
    calls,
    fails,
    fails_in_200,
    slow,
    stalls,
    structured,
)
from tests.fakes.llm.vendors import VENDORS, Vendor
from tools.llm.call import Call, CallFailed, Key, Provider, Region
from tools.llm.outcome import Outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")

JUDGE = {"name": "judge", "description": "Оценить", "parameters": NESTED}
WRONG = Key("wrong", "d3Jvbmc6a2V5")


@pytest.fixture
def script(vendor: Vendor) -> Script:
    return vendor.script


async def test_a_region_is_named(vendor: Vendor, provider: Provider) -> None:
    assert provider.name == vendor.name
    assert provider.region is (Region.RUSSIA if vendor.name == "gigachat" else Region.ABROAD)


async def test_models(vendor: Vendor, provider: Provider) -> None:
    assert vendor.model in await provider.models(vendor.key, PATIENT_S)


async def test_models_for_a_wrong_key(vendor: Vendor, provider: Provider) -> None:
    with pytest.raises(CallFailed) as caught:
        await provider.models(WRONG, PATIENT_S)
    assert caught.value.outcome is Outcome.UNAUTHORISED


async def test_a_wrong_key(vendor: Vendor, provider: Provider, script: Script) -> None:
    failed = await failure(provider, vendor.model, WRONG)
    assert failed.outcome is Outcome.UNAUTHORISED
    assert WRONG.secret not in str(failed)


async def test_an_unknown_model(vendor: Vendor, provider: Provider, script: Script) -> None:
    failed = await failure(provider, "no-such-model", vendor.key)
    assert failed.outcome is Outcome.BAD_REQUEST
    assert "no-such-model" in failed.message


async def test_a_refused_request_is_sent_once(vendor: Vendor, provider: Provider, script: Script) -> None:
    """The router owns retries."""
    script.always(fails(503))
    await failure(provider, vendor.model, vendor.key)
    assert len(script.asked) == 1


async def test_one_key_does_not_answer_for_another(
    vendor: Vendor, provider: Provider, script: Script
) -> None:
    await provider.ask(vendor.model, vendor.key, CHAT, PATIENT_S)
    failed = await failure(provider, vendor.model, Key(vendor.key.name, WRONG.secret))
    assert failed.outcome is Outcome.UNAUTHORISED


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
    await until(script, running=0)


async def test_a_cancelled_call_ends_its_request(vendor: Vendor, provider: Provider, script: Script) -> None:
    script.always(Turn(hang=True))
    asking = asyncio.create_task(provider.ask(vendor.model, vendor.key, CHAT, PATIENT_S))
    await until(script, running=1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(script, running=0)


async def test_a_reader_of_a_stream_may_be_slow(vendor: Vendor, script: Script) -> None:
    """The limits are the vendor's: a reader who thinks longer than a piece may take is not cancelled."""
    hasty = vendor.open(0.5)
    texts = []
    async for piece in hasty.stream(vendor.model, vendor.key, CHAT, PATIENT_S):
        texts.append(piece.text)
        if len(texts) == 1:
            await asyncio.sleep(0.8)
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
    said = (await provider.ask(vendor.model, vendor.key, FINDING, PATIENT_S)).message
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


@pytest.mark.parametrize("call", [Call(CHAT.messages, [JUDGE]), JUDGING])
async def test_nested_and_optional_fields_are_told_in_the_vendors_form(
    vendor: Vendor, provider: Provider, script: Script, call: Call
) -> None:
    """The fakes refuse what the vendors do: open objects in strict schemas, unions and references."""
    script.next(structured({"reasons": [{"text": "сеть", "weight": 1}]}))
    reply = await provider.ask(vendor.model, vendor.key, call, PATIENT_S)
    assert "сеть" in reply.message.text
    assert str(script.asked[-1].body).count("weight") >= 1


async def test_nothing_personal_is_logged(
    vendor: Vendor, provider: Provider, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    """Even by an SDK that is told to log everything."""
    caplog.set_level(logging.DEBUG)
    for turn in (Turn(text="Личный ответ"), fails(400), MALFORMED):
        script.always(turn)
        for call in (CHAT, FINDING, JUDGING):
            with suppress(CallFailed):
                await provider.ask(vendor.model, vendor.key, call, PATIENT_S)
            with suppress(CallFailed):
                await streamed(provider, vendor.model, vendor.key, call)
    for secret in (PROMPT, "Личный", "партнёрство", vendor.key.secret, "token-"):
        assert secret not in caplog.text


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
    await failure(provider, vendor.model, vendor.key)
    await provider.aclose()
    assert len(script.asked) == 2


async def test_after_an_error_the_provider_answers_again(
    vendor: Vendor, provider: Provider, script: Script
) -> None:
    script.next(Turn(cut=10), fails_in_200(500))
    await failure(provider, vendor.model, vendor.key)
    await failure(provider, vendor.model, vendor.key)
    assert (await provider.ask(vendor.model, vendor.key, CHAT, PATIENT_S)).outcome is Outcome.OK


async def test_nobody_listens(vendor: Vendor, tmp_path: Path) -> None:
    with VENDORS[vendor.name](tmp_path) as gone:
        provider = gone.open(PATIENT_S)
    failed = await failure(provider, vendor.model, vendor.key)
    await provider.aclose()
    assert failed.outcome is Outcome.UNAVAILABLE
