"""A tape: what was recorded from the real SDKs is played again without them, failures and streams too."""

from __future__ import annotations

from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from tests.fakes.llm.asking import CHAT, FINDING, JUDGING, PATIENT_S, streamed
from tests.fakes.llm.script import Turn, calls, fails, says, structured
from tests.fakes.llm.vendors import Vendor
from tools.llm.call import Call, CallFailed, Provider
from tools.llm.residency import Detector, Masked
from tools.llm.tape import Recording, Replaying, Tape, TapeMiss

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_was_recorded_is_played_again(vendor: Vendor, provider: Provider, tmp_path: Path) -> None:
    path = tmp_path / "tape.jsonl"
    recording = Recording(provider, Tape(path))
    vendor.script.next(says("Раз."), says("Два."), calls("find", name="Омск"), structured({"reasons": []}))
    asked = [CHAT, CHAT, FINDING, JUDGING]
    live = [await recording.ask(vendor.model, vendor.key, call, PATIENT_S) for call in asked]
    replaying = Replaying(vendor.name, provider.region, Tape(path))
    played = [await replaying.ask(vendor.model, vendor.key, call, PATIENT_S) for call in asked]
    assert [it.message.text for it in played] == [it.message.text for it in live]
    assert [it.message.tool_calls for it in played] == [it.message.tool_calls for it in live]
    assert [(it.tokens, it.outcome, it.model) for it in played] == [
        (it.tokens, it.outcome, it.model) for it in live
    ]
    assert [it.message.text for it in played[:2]] == ["Раз.", "Два."], "the same, asked twice"


async def test_failures_and_broken_streams_replay(vendor: Vendor, provider: Provider, tmp_path: Path) -> None:
    path = tmp_path / "tape.jsonl"
    recording = Recording(provider, Tape(path))
    vendor.script.next(fails(429, "7"), Turn(ends=2))
    live = [await _broken(recording, vendor, stream=stream) for stream in (False, True)]
    replaying = Replaying(vendor.name, provider.region, Tape(path))
    assert [await _broken(replaying, vendor, stream=stream) for stream in (False, True)] == live


async def _broken(provider: Provider, vendor: Vendor, *, stream: bool) -> tuple[list[str], str, float | None]:
    texts: list[str] = []
    with pytest.raises(CallFailed) as caught:
        if stream:
            async for piece in provider.stream(vendor.model, vendor.key, CHAT, PATIENT_S):
                texts.append(piece.text)
        else:
            await provider.ask(vendor.model, vendor.key, CHAT, PATIENT_S)
    return texts, str(caught.value), caught.value.retry_after_s


async def test_a_stream_is_played_in_its_pieces(vendor: Vendor, provider: Provider, tmp_path: Path) -> None:
    path = tmp_path / "tape.jsonl"
    live = await streamed(Recording(provider, Tape(path)), vendor.model, vendor.key, CHAT)
    played = await streamed(
        Replaying(vendor.name, provider.region, Tape(path)), vendor.model, vendor.key, CHAT
    )
    assert played.message.text == live.message.text


async def test_another_call_is_a_miss(vendor: Vendor, provider: Provider, tmp_path: Path) -> None:
    path = tmp_path / "tape.jsonl"
    await Recording(provider, Tape(path)).ask(vendor.model, vendor.key, CHAT, PATIENT_S)
    other = Call(CHAT.messages, temperature=0.7)
    for tape, call in ((Tape(path), other), (Tape(path, epoch=2), CHAT)):
        with pytest.raises(TapeMiss, match=vendor.model):
            await Replaying(vendor.name, provider.region, tape).ask(vendor.model, vendor.key, call, PATIENT_S)


async def test_nobody_s_name_is_on_a_tape(vendor: Vendor, provider: Provider, tmp_path: Path) -> None:
    path = tmp_path / "tape.jsonl"
    detector = Detector()
    said = Call([HumanMessage("Позвони Анне Петровой: +7 916 123-45-67.")])
    recording = Masked(Recording(provider, Tape(path)), detector)
    await recording.ask(vendor.model, vendor.key, said, PATIENT_S)
    text = path.read_text()
    assert "Петров" not in text and "123-45-67" not in text
    replaying = Masked(Replaying(vendor.name, provider.region, Tape(path)), detector)
    assert (await replaying.ask(vendor.model, vendor.key, said, PATIENT_S)).message.text
