"""A tape: what was recorded from the real SDKs is played again without them, failures and streams too."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from tests.fakes.llm.asking import CHAT, PATIENT_S, failure, until
from tests.fakes.llm.faults import MODES
from tests.fakes.llm.script import HANG, Turn, fails
from tests.fakes.llm.vendors import Vendor
from tests.integration.llm.conftest import every
from tools.llm.call import Call, CallFailed, Provider, Reply
from tools.llm.outcome import Outcome
from tools.llm.residency import Detector, Masked
from tools.llm.tape import Tape, TapeError, TapeMiss
from tools.llm.taped import Recording, Replaying

pytestmark = pytest.mark.asyncio(loop_scope="module")


served = every


@pytest.mark.parametrize("mode", MODES)
async def test_what_was_recorded_is_played_again(
    vendor: Vendor, provider: Provider, mode: str, tmp_path: Path
) -> None:
    """The same asked twice may be answered in two ways, and is again."""
    path, way = tmp_path / "tape.jsonl", MODES[mode]
    vendor.script.next(way.answer, way.next)
    recording = Recording(provider, Tape(path))
    live = [await way.ask(recording, vendor, PATIENT_S) for _ in range(2)]
    replaying = Replaying(vendor.name, provider.region, Tape(path))
    played = [await way.ask(replaying, vendor, PATIENT_S) for _ in range(2)]
    assert list(map(_told, played)) == list(map(_told, live))
    assert _told(live[0]) != _told(live[1])
    assert len(vendor.script.asked) == 2


def _told(reply: Reply) -> tuple[object, ...]:
    return reply.message.text, reply.message.tool_calls, reply.outcome, reply.tokens, reply.model


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


async def test_a_call_that_was_given_up_is_given_up_again(
    vendor: Vendor, provider: Provider, tmp_path: Path
) -> None:
    """Else a hedge that lost, or a person who left, would make a miss of it."""
    path = tmp_path / "tape.jsonl"
    vendor.script.always(HANG)
    asking = asyncio.create_task(
        Recording(provider, Tape(path)).ask(vendor.model, vendor.key, CHAT, PATIENT_S)
    )
    await until(vendor.script, running=1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    replaying = Replaying(vendor.name, provider.region, Tape(path))
    assert (await failure(replaying, vendor.model, vendor.key)).outcome is Outcome.TIMED_OUT


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


@pytest.mark.parametrize(
    "line", [b'{"key": "half of a', b"5", b"[1]", b"\xff\xfe", b'{"providers": {"x": "nowhere"}}']
)
async def test_a_file_that_is_no_tape_is_named_with_its_line(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "tape.jsonl"
    path.write_bytes(b'{"providers": {"yandex": "ru"}}\n' + line)
    with pytest.raises(TapeError, match=r"tape\.jsonl, line 2: "):
        Tape(path)


async def test_a_text_may_hold_any_end_of_a_line(tmp_path: Path) -> None:
    path, told = tmp_path / "tape.jsonl", {"messages": [{"content": "a\u2028b\u0085c\x0bd"}]}
    tape = Tape(path)
    tape.keep(tape.key(told), told, {"reply": "\u2029"})
    assert Tape(path).play(told)["reply"] == "\u2029"
