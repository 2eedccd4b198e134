"""What an honest model says of Диадок and ELMA365 (tests.snapshots.pairs)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.context import Lang

KINDS = ["elma365-industry", "diadok-industry"]
NEWS = ["quote-n075"]
SPY = "spy@evil.test"

FIT: Mapping[Lang, str] = {
    "ru": "Согласования процессов и обмен документами нужны одному заказчику.",
    "en": "Approvals and document exchange serve the same customer.",
}
RIVALRY: Mapping[Lang, str] = {
    "ru": "Автоматизация процессов не заменяет электронный документооборот.",
    "en": "Process automation does not replace electronic documents.",
}
REPEATS: Mapping[Lang, str] = {
    "ru": "Модуль «Диадок» уже есть, новая интеграция его повторит.",
    "en": "The module exists already, a new integration may repeat it.",
}
WRITTEN: Mapping[Lang, tuple[str, str, str]] = {
    "ru": ("Здравствуйте!", "В ELMA365 есть модуль «Диадок».", "Предлагаем созвониться."),
    "en": ("Hello,", "ELMA365 has a module for Диадок.", "We would like to discuss it."),
}


def reason(text: str, evidence: list[str]) -> dict[str, Any]:
    return {"text": text, "evidence": evidence}


def opinion(
    lang: Lang, fit: float = 0.7, rivalry: float = 0.1, reasons: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """The judgement with these values for these reasons, honest ones if none are named."""
    why_fit, why_rivalry = reasons or [reason(FIT[lang], KINDS)], reasons or [reason(RIVALRY[lang], KINDS)]
    return {
        "complementarity": {"value": fit, "reasons": why_fit},
        "competition": {"value": rivalry, "reasons": why_rivalry},
    }


def risk(text: str, evidence: list[str], severity: str = "low") -> dict[str, Any]:
    return {"kind": "technical", "severity": severity, "text": text, "evidence": evidence}


def notes(lang: Lang, *more: dict[str, Any]) -> dict[str, Any]:
    return {"risks": [risk(REPEATS[lang], NEWS), *more]}


def letter(lang: Lang, *proposals: str) -> dict[str, Any]:
    greeting, fact, proposal = WRITTEN[lang]
    sentences = [
        {"part": "why_now", "text": fact, "evidence": NEWS},
        *({"part": "proposal", "text": text, "evidence": []} for text in (proposal, *proposals)),
    ]
    return {"subject": "ELMA365", "greeting": greeting, "sentences": sentences, "closing": "—"}
