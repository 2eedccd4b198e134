"""What the models cost, as it is shown."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

from rich.console import Console

from api.costs import usage
from api.words import Words

MOSCOW = timezone(timedelta(hours=3))
CALLED: dict[str, Any] = {
    "day": "2026-11-20",
    "provider": "gigachat",
    "model": "GigaChat-2",
    "agent": "outreach",
    "calls": 1201,
    "failures": 2,
    "fallbacks": 1,
    "tokens_in": 1000,
    "tokens_out": 234,
    "cost_rub": 1234.5,
    "latency_ms": 1540.0,
}
FAILED = {**CALLED, "agent": "scout", "calls": 1, "failures": 1, "fallbacks": 0, "cost_rub": 0.0}
NEVER = {"failures": 0, "fallbacks": 0, "latency_ms": None}


def shown(*lines: dict[str, Any], words: Words | None = None) -> list[str]:
    console = Console(width=90)
    body = {"since": "2026-10-21T21:00:00Z", "items": list(lines)}
    with console.capture() as printed:
        console.print(usage(body, words or Words("ru", MOSCOW)))
    return [" ".join(line.split()) for line in printed.get().splitlines() if line.strip(" ─")]


def test_failures_and_fallbacks_stand_beside_the_calls() -> None:
    assert shown(CALLED, FAILED) == [
        "С 22.10.2026 00:00: 1 202 вызова, 3 сбоя, 1 замена, 1 234,50 ₽",
        "День Модель Вызовы Сбои Замены Токены Цена, ₽ Ответ, с",
        "20.11.2026 GigaChat-2 1 201 2 1 1 234 1 234,50 1,54",
        "gigachat · outreach",
        "GigaChat-2 1 1 — 1 234 0,00 1,54",
        "gigachat · scout",
    ]


def test_only_what_calls_are_told_apart_by_is_named() -> None:
    english = Words("en", MOSCOW)
    by_day = {**CALLED, "provider": None, "model": None, "agent": None}
    assert shown(by_day, words=english)[1:] == [
        "Day Calls Failures Fallbacks Tokens Cost, RUB Answer, s",
        "2026-11-20 1,201 2 1 1,234 1,234.50 1.54",
    ]
    by_agent = {**CALLED, **NEVER, "day": None, "provider": None, "model": None}
    assert shown(by_agent, words=english)[1:] == [
        "Agent Calls Failures Fallbacks Tokens Cost, RUB Answer, s",
        "outreach 1,201 — — 1,234 1,234.50 —",
    ]


def test_nothing_asked_is_said() -> None:
    assert shown() == ["С 22.10.2026 00:00 моделей не спрашивали."]
