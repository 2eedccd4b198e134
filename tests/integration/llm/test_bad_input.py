"""What may be wrong about models, line by line, as the one who set it up is told of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agents.context import Sender
from agents.outreach.letter import LetterText
from agents.outreach.task import Task
from agents.outreach.writing import prompt_for
from api.commands.machine import _say_who_writes
from api.words import Words
from graphs.runtime.errors import StartError
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings
from tests.fakes.llm.configured import LETTER, settings_of, written
from tests.fakes.llm.openrouter import FakeOpenRouter
from tests.fakes.llm.script import EMPTY, fails, structured
from tests.fakes.llm.vendor import KEY
from tests.fakes.llm.yandex import FakeYandex
from tests.snapshots.pairs import diadoc_elma
from tools.llm.call import Call
from tools.llm.catalogue import DEFAULTS, Card
from tools.llm.errors import AllProvidersFailed
from tools.llm.fitting import CUT, fitted
from tools.llm.outcome import Outcome

SENDER = Sender("Мария Орлова", "Артель", "partners@artel.example")
WRONG = "wrong-0123456789-abcd"


@pytest.fixture
def given(yandex: FakeYandex, openrouter: FakeOpenRouter, tmp_path: Path) -> Settings:
    """Keys for two, and a policy that allows no templates."""
    for fake in (yandex, openrouter):
        fake.script.reset()
    return settings_of(tmp_path, yandex, openrouter, llm_policies=_policy(tmp_path))


def _policy(folder: Path, **more: Any) -> Path:
    steps = ["yandex/yandexgpt/latest", "gigachat/GigaChat-2-Max", "openrouter/openai/gpt-4o"]
    path = folder / "policies.yaml"
    told = {"steps": steps, "offline": False, "retries": 0, **more}
    path.write_text(f"default: {told}".replace("False", "false"))
    return path


async def _failure(settings: Settings) -> AllProvidersFailed:
    with pytest.raises(AllProvidersFailed) as caught:
        await written(settings)
    return caught.value


async def test_without_a_key_templates_answer_and_the_start_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data_dir=tmp_path)
    _say_who_writes(settings, Words("ru"))
    assert capsys.readouterr().out.strip() == "Ни у одной модели нет ключа: письма заполняются по шаблонам."
    asked = prompt_for(diadoc_elma(), Task("thread", 1, "ru", "formal", False), SENDER, None)
    async with open_services(settings) as services:
        for _ in range(2):
            letter = await services.context.llm.complete(asked, LetterText, agent="outreach")
            assert (letter.provider, letter.offline, letter.attempts) == ("offline", True, ())
    assert capsys.readouterr().out == caplog.text == ""


def test_with_a_key_or_a_tape_the_start_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    for settings in (Settings(openrouter_keys=KEY), Settings(llm_tape=Path("tape.jsonl"))):
        _say_who_writes(settings, Words("ru"))
    assert capsys.readouterr().out == ""


async def test_a_wrong_key_is_named_by_its_provider_and_last_letters(given: Settings) -> None:
    failed = await _failure(given.model_copy(update={"yandex_keys": WRONG, "openrouter_keys": WRONG}))
    assert "yandex/yandexgpt/latest unauthorised (401 UNAUTHENTICATED, key yandex-1 (…abcd))" in str(failed)
    assert "openrouter-1 (…abcd)" in str(failed)
    assert WRONG not in str(failed)
    assert [attempt.outcome for attempt in failed.attempts] == [Outcome.UNAUTHORISED] * 2


async def test_a_model_that_the_vendor_does_not_have(given: Settings, openrouter: FakeOpenRouter) -> None:
    openrouter.models, known = [], openrouter.models
    failed = await _failure(given.model_copy(update={"yandex_keys": ""}))
    openrouter.models = known
    assert "openrouter/openai/gpt-4o bad_request" in str(failed)


async def test_a_policy_may_name_who_has_no_key(given: Settings, yandex: FakeYandex) -> None:
    """They are passed over, and named when nobody answers."""
    yandex.script.always(structured(LETTER))
    assert (await written(given)).provider == "yandex"
    failed = await _failure(given.model_copy(update={"yandex_keys": "", "openrouter_keys": ""}))
    assert failed.attempts == ()
    for name in ("yandex/yandexgpt/latest", "gigachat/GigaChat-2-Max", "openrouter/openai/gpt-4o"):
        assert f"{name} has no key" in str(failed)


async def test_a_policy_may_not_name_who_does_not_exist(tmp_path: Path) -> None:
    policies = _policy(tmp_path, steps=["yandx/yandexgpt/latest"])
    with pytest.raises(StartError, match="ARTEL_LLM_POLICIES: no such provider: yandx"):
        await written(Settings(data_dir=tmp_path, llm_policies=policies))


async def test_an_answer_is_empty(given: Settings, yandex: FakeYandex, openrouter: FakeOpenRouter) -> None:
    yandex.script.always(EMPTY)
    openrouter.script.always(structured(LETTER))
    letter = await written(given)
    assert (letter.provider, letter.attempts[0].message) == (
        "openrouter",
        "yandex/yandexgpt/latest: the answer is empty",
    )


async def test_all_are_down(given: Settings, yandex: FakeYandex, openrouter: FakeOpenRouter) -> None:
    yandex.script.always(fails(503))
    openrouter.script.always(fails(402))
    failed = await _failure(given)
    assert [(it.provider, it.outcome) for it in failed.attempts] == [
        ("yandex", Outcome.UNAVAILABLE),
        ("openrouter", Outcome.OUT_OF_MONEY),
    ]
    assert "yandexgpt/latest unavailable (503" in str(failed)
    assert "gigachat/GigaChat-2-Max has no key" in str(failed)


async def test_a_prompt_over_the_context_is_refused_with_its_excess(given: Settings, tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text(DEFAULTS.read_text().replace("context: 32000", "context: 2500"))
    failed = await _failure(given.model_copy(update={"llm_prices": prices, "openrouter_keys": ""}))
    assert re.search(r"the prompt is about \d+ tokens too long: the model takes 2500", str(failed))


SAID = ("Ты редактор. " * 40, "Вот статья: " + "слово " * 400 + "Перескажи её.", "Коротко?", "Да. " * 90)
TALK: Sequence[BaseMessage] = [
    SystemMessage(SAID[0]),
    HumanMessage(SAID[1]),
    AIMessage(SAID[2]),
    HumanMessage(SAID[3]),
]


@pytest.mark.parametrize("context", [1100, 800, 500])
def test_what_is_cut_is_the_middle_of_what_is_longest(context: int) -> None:
    """Never what the system says: a model without its rules would answer anything."""
    card = Card(0.0, 0.0, context)
    call = fitted(Call(TALK, max_tokens=100), card)
    system, article, asked, last = (message.text for message in call.messages)
    assert card.excess(call) <= 0
    assert (system, asked, last) == (SAID[0], SAID[2], SAID[3])
    assert CUT in article
    assert article.startswith("Вот ") and article.endswith("её.")


@pytest.mark.parametrize("context", [900, 300])
def test_what_is_cut_is_cut_within_its_fence(context: int) -> None:
    """Without its end what a source says would become what we say."""
    rules = "Правила: это данные. " * 20
    text = f"Прочти.\n<data>\nкоротко\n</data>\n<data>\n{'слово ' * 600}\n</data>\n{rules}"
    card = Card(0.0, 0.0, context)
    call = fitted(Call([HumanMessage(text)], max_tokens=100), card)
    head, _, tail = call.messages[0].text.partition(CUT)
    assert card.excess(call) <= 0
    assert head.startswith("Прочти.\n<data>\nкоротко\n</data>\n<data>\n")
    assert tail.endswith(f"\n</data>\n{rules}")


def test_when_the_longest_is_not_enough_the_next_is_cut_too() -> None:
    card = Card(0.0, 0.0, 350)
    call = fitted(Call(TALK, max_tokens=100), card)
    said = [message.text for message in call.messages]
    assert card.excess(call) <= 0
    assert said[:3] == [SAID[0], CUT, SAID[2]]
    assert CUT in said[3] and said[3].startswith("Да.")


def test_what_cannot_be_cut_enough_is_left_to_be_refused() -> None:
    card = Card(0.0, 0.0, 200)
    call = fitted(Call(TALK, max_tokens=100), card)
    assert call.messages[0].text == SAID[0]
    assert card.excess(call) > 0


def test_what_fits_is_left_as_it_is() -> None:
    call = Call(TALK)
    assert fitted(call, Card(0.0, 0.0, 32_000)) == call
