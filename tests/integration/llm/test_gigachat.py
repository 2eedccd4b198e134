"""What only GigaChat has: its door, its certificate, its functions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from langchain_core.messages import ToolMessage

from tests.fakes.llm.asking import CHAT, FINDING, JUDGING, NESTED, PATIENT_S
from tests.fakes.llm.certificates import Authority
from tests.fakes.llm.gigachat import CREDENTIALS, FakeGigaChat
from tests.fakes.llm.script import Turn, calls, fails, structured
from tools.llm.call import Call, CallFailed, Key, Reply
from tools.llm.outcome import Outcome
from tools.llm.providers.gigachat import GigaChat


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def fake(authority: Authority) -> Iterator[FakeGigaChat]:
    with FakeGigaChat(authority.issue()) as fake:
        yield fake


@pytest_asyncio.fixture
async def gigachat(fake: FakeGigaChat, authority: Authority) -> AsyncIterator[GigaChat]:
    provider = GigaChat(fake.url, fake.auth_url, ca_bundle_file=authority.ca_bundle)
    yield provider
    await provider.aclose()


async def _ask(provider: GigaChat, call: Call = CHAT, timeout_s: float = PATIENT_S) -> Reply:
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
    reply = await _ask(provider, JUDGING)
    await provider.aclose()
    assert reply.message.text == '{"reasons": []}'
    assert fake.script.asked[0].body["response_format"]["schema"] == NESTED


async def test_gigachat_gets_its_state_of_functions_back(fake: FakeGigaChat, gigachat: GigaChat) -> None:
    fake.script.next(calls("find", name="Ромашка"))
    said = (await _ask(gigachat, FINDING)).message
    result = ToolMessage("нашлась", tool_call_id=said.tool_calls[0]["id"])
    await _ask(gigachat, replace(FINDING, messages=[*CHAT.messages, said, result]))
    assert fake.script.asked[-1].body["messages"][2]["functions_state_id"] == "state-1"
