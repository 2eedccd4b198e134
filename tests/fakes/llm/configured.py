"""Artel with keys to the fakes: its settings, a prompt to ask with, and the letter that answers it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import prompts
from agents.outreach.letter import LetterText
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings
from tools.llm.completion import Completion

from .openrouter import FakeOpenRouter
from .vendor import KEY
from .yandex import FOLDER, FakeYandex

SOMEBODY = "Анна Петрова"
LETTER = {
    "subject": "Партнёрство",
    "greeting": "Здравствуйте!",
    "sentences": [{"part": "proposal", "text": "Предлагаем созвониться.", "evidence": []}],
    "closing": "С уважением,",
}


def prompt(name: str = "letter", **given: Any) -> prompts.Prompt:
    """It has no facts, without which no template can answer it."""
    lines = {"sender": {"company": "А", "name": "В. Г."}, "style": "formal", "short": False}
    limits = {"subject": 100, "body": 1000}
    more = {
        "recipient": {"name": "Б", "contact": SOMEBODY},
        "partner": {"name": "В"},
        "facts": [],
        "limits": limits,
        "schema": {},
    }
    return prompts.load(name, "ru", **lines, **more, **given)


def settings_of(folder: Path, yandex: FakeYandex, openrouter: FakeOpenRouter, **more: Any) -> Settings:
    given = {"yandex_keys": KEY, "yandex_folder": FOLDER, "yandex_url": yandex.address}
    given |= {"openrouter_keys": KEY, "openrouter_url": openrouter.url}
    return Settings(data_dir=folder, **{**given, **more})


async def written(settings: Settings) -> Completion:
    """The letter by Artel with these settings, started for it alone."""
    async with open_services(settings) as services:
        return await services.context.llm.complete(prompt(), LetterText, agent="outreach", thread_id="t")
