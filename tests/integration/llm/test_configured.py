"""Artel with keys: a letter by a model, what the record says of it, and what operators are told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlmodel import col, select

from agents.outreach.letter import LetterText
from graphs.runtime.errors import StartError
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory.db import TenantSession
from memory.models import Usage
from tests.fakes.llm.configured import LETTER, SOMEBODY, prompt, settings_of, written
from tests.fakes.llm.openrouter import FakeOpenRouter
from tests.fakes.llm.planted import leaked
from tests.fakes.llm.script import FILTERED, fails, structured
from tests.fakes.llm.vendor import KEY
from tests.fakes.llm.yandex import FakeYandex
from tools.llm.tape import TapeMiss


@pytest.fixture
def fakes() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def yandex(fakes: ExitStack) -> FakeYandex:
    return fakes.enter_context(FakeYandex())


@pytest.fixture
def openrouter(fakes: ExitStack) -> FakeOpenRouter:
    return fakes.enter_context(FakeOpenRouter())


@pytest_asyncio.fixture
async def services(yandex: FakeYandex, openrouter: FakeOpenRouter, tmp_path: Path) -> AsyncIterator[Services]:
    async with opened(yandex, openrouter, tmp_path) as services:
        yield services


def opened(
    yandex: FakeYandex, openrouter: FakeOpenRouter, folder: Path, **more: Any
) -> AbstractAsyncContextManager[Services]:
    keys = folder / "keys"
    keys.write_text(KEY)
    more = {"openrouter_keys": f"@{keys}", **more}
    return open_services(settings_of(folder / "data", yandex, openrouter, **more))


def _calls(session: TenantSession) -> list[Usage]:
    return [*session.exec(select(Usage).order_by(col(Usage.attempt)))]


async def test_a_letter_is_written_by_whoever_can(
    services: Services, yandex: FakeYandex, openrouter: FakeOpenRouter
) -> None:
    yandex.script.always(fails(500))
    openrouter.script.always(structured(LETTER))
    written = await services.context.llm.complete(prompt(), LetterText, agent="outreach", thread_id="t")
    assert (written.provider, written.offline, written.value.subject) == ("openrouter", False, "Партнёрство")
    assert leaked(SOMEBODY, json.dumps(openrouter.script.asked[0].body)) is None, "a name stays in Russia"
    await services.llm.spending.aclose()
    calls = await services.memory.read(_calls)
    assert [(call.provider, call.outcome, call.attempt) for call in calls] == [
        ("yandex", "unavailable", 1),
        ("openrouter", "ok", 2),
    ]
    assert calls[0].question_id == calls[1].question_id
    assert calls[0].message == "yandex/yandexgpt/latest: 500 INTERNAL", "though the vendor quoted the prompt"
    assert calls[1].cost_rub > 0


async def test_a_thread_keeps_the_version_of_a_prompt_that_the_policy_gives_it(
    yandex: FakeYandex, openrouter: FakeOpenRouter, tmp_path: Path
) -> None:
    weights = "prompts: {rewrite: {rewrite: 0.5, letter: 0.5}}"
    path = tmp_path / "p.yaml"
    path.write_text(f"agents: {{outreach: {{steps: [yandex/yandexgpt/latest], {weights}}}}}")
    given = prompt("rewrite", previous={"subject": "С", "body": "Т"}, remark="короче", unread=[])
    plain = prompt()
    yandex.script.always(structured(LETTER))
    async with opened(yandex, openrouter, tmp_path, llm_policies=path) as services:
        llm = services.context.llm
        for thread in (*"abcdef", *"abcdef"):
            written = await llm.complete(given, LetterText, agent="outreach", thread_id=thread)
            sent = yandex.script.asked[-1].body.messages[-1].text
            assert written.prompt == {given.text: given.label, plain.text: plain.label}[sent]
        await services.llm.spending.aclose()
        calls = await services.memory.read(_calls)
    assert {call.prompt for call in calls} == {given.label, plain.label}
    assert len({(call.thread_id, call.prompt) for call in calls}) == 6, "a thread has one"


async def test_templates_are_last(services: Services, yandex: FakeYandex, openrouter: FakeOpenRouter) -> None:
    yandex.script.always(FILTERED)
    openrouter.script.always(fails(402))
    with pytest.raises(Exception, match=r"filtered.*out_of_money"):
        # This prompt has no facts for a template to use: what the models said is the reason.
        await services.context.llm.complete(prompt(), LetterText, agent="outreach")


async def test_a_tape_answers_without_key_or_network(tmp_path: Path) -> None:
    """The same letter after the same failure, once the vendors are gone; and nobody's name in the file."""
    tape = tmp_path / "tape.jsonl"
    with FakeYandex() as yandex, FakeOpenRouter() as openrouter:
        yandex.script.always(fails(500))
        openrouter.script.always(structured(LETTER))
        recording = settings_of(tmp_path / "a", yandex, openrouter, llm_tape=tape, llm_tape_mode="record")
        live = await written(recording)
    text = tape.read_text()
    assert leaked(SOMEBODY, text) is None
    assert KEY not in text
    played = await written(Settings(data_dir=tmp_path / "b", llm_tape=tape))
    assert played.value == live.value
    assert [str(it) for it in played.attempts] == [str(it) for it in live.attempts]
    assert [(it.provider, it.outcome) for it in played.attempts] == [
        ("yandex", "unavailable"),
        ("openrouter", "ok"),
    ]


async def test_what_is_not_on_the_tape_is_named(tmp_path: Path) -> None:
    tape = tmp_path / "tape.jsonl"
    tape.write_text('{"providers": {"yandex": "ru"}}\n')
    with pytest.raises(TapeMiss, match=r"tape\.jsonl has no answer of yandex/yandexgpt/latest to "):
        await written(Settings(data_dir=tmp_path, llm_tape=tape))
    async with open_services(Settings(data_dir=tmp_path, llm_tape=tape)) as services:
        [probe] = await services.llm.check()
        assert (probe.outcome, "has no answer" in probe.message) == ("unavailable", True)


async def test_operators_see_who_answers(services: Services, openrouter: FakeOpenRouter) -> None:
    openrouter.script.always(fails(401))
    probes = await services.llm.check()
    assert [(it.provider, it.key, it.outcome) for it in probes] == [
        ("yandex", "yandex-1 (…cret)", "ok"),
        ("openrouter", "openrouter-1 (…cret)", "unauthorised"),
    ]
    assert KEY not in str(probes)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"yandex_keys": "k"}, "ARTEL_YANDEX_FOLDER"),
        ({"llm_policies": Path("/nowhere.yaml")}, "ARTEL_LLM_POLICIES"),
        ({"llm_prices": Path("/nowhere.yaml")}, "ARTEL_LLM_PRICES"),
        ({"llm_tape": Path("/nowhere.jsonl")}, "ARTEL_LLM_TAPE=/nowhere.jsonl: No such file"),
        ({"llm_tape": Path("/nowhere/t.jsonl"), "llm_tape_mode": "record"}, "ARTEL_LLM_TAPE: No such file"),
        ({"gigachat_keys": "k", "ca_bundle": Path("/nowhere.pem")}, "ARTEL_CA_BUNDLE"),
    ],
)
async def test_a_wrong_setting_stops_the_start(given: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(StartError, match=said):
        async with open_services(Settings(data_dir=tmp_path, **given)):  # type: ignore[arg-type]
            pass


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("steps: [openrouter/some/model]", "no price for openrouter/some/model"),
        ("prompts: {letter: {novel: 1}}", r"no prompt file novel\.ru\.md"),
        ("prompts: {letter: {rewrite: 1}}", r"rewrite\.ru\.md: the prompt letter has no previous, remark"),
    ],
)
async def test_a_policy_that_cannot_be_followed_stops_the_start(
    policy: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "p.yaml").write_text(f"default: {{{policy}}}")
    with pytest.raises(StartError, match=said):
        async with open_services(Settings(data_dir=tmp_path, llm_policies=tmp_path / "p.yaml")):
            pass
