"""The providers of models on the terminal, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console, RenderableType

from api import providers
from api.words import Lang, Words

PROBES = {
    "items": [
        {
            "provider": "yandex",
            "region": "ru",
            "model": "yandexgpt/latest",
            "key": "yandex-2 (…abcd)",
            "outcome": "unauthorised",
            "seconds": 0.31,
            "message": "401 UNAUTHENTICATED",
        },
        {
            "provider": "openrouter",
            "region": "abroad",
            "model": "openai/gpt-4o",
            "key": "openrouter-1",
            "outcome": "ok",
            "seconds": 1.2,
            "message": "",
        },
    ]
}


def _offer(provider: str, models: list[str], outcome: str = "ok", message: str = "") -> dict[str, Any]:
    told = {"provider": provider, "region": "ru", "models": models}
    return {**told, "outcome": outcome, "message": message}


OFFERS = {
    "policies": [
        {"agent": "scout", "steps": [{"yandex/lite": 1.0}, {"gigachat/a": 3.0, "yandex/b": 1.0}]},
    ],
    "items": [_offer("yandex", []), _offer("openrouter", [], "timed_out", "no answer in time")],
}


def _shown(what: RenderableType) -> str:
    console = Console(width=100, color_system=None)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        (
            "ru",
            ["в России", "ключ не принят", "…abcd", "за границей", "отвечает", "1,20"],
        ),
        ("en", ["in Russia", "key not taken", "401 UNAUTH", "…abcd", "abroad", "answers", "1.20"]),
    ],
)
def test_who_answers(lang: Lang, told: list[str]) -> None:
    shown = _shown(providers.probes(PROBES, Words(lang)))
    assert all(part in shown for part in told)


def test_nobody_to_ask_is_said() -> None:
    assert "Ни у одной модели нет ключа" in _shown(providers.probes({"items": []}, Words("ru")))


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("ru", ["gigachat/a (нет ключа) | yandex/b 25%", "Списка моделей не даёт.", "не ответил вовремя"]),
        ("en", ["gigachat/a (no key) | yandex/b 25%", "Tells no list of models.", "no answer in time"]),
    ],
)
def test_whom_the_agents_ask(lang: Lang, told: list[str]) -> None:
    """A model without a key stands in the policy all the same, and is passed over."""
    shown = _shown(providers.offers(OFFERS, Words(lang)))
    assert all(part in shown for part in told)
