"""The fakes of the vendors that a tape is recorded from, and Artel's settings that reach them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from tests.fakes.llm.anthropic import FakeAnthropic
from tests.fakes.llm.gigachat import CREDENTIALS, FakeGigaChat
from tests.fakes.llm.openrouter import FakeOpenRouter
from tests.fakes.llm.script import Script
from tests.fakes.llm.vendor import KEY
from tests.fakes.llm.yandex import FOLDER, FakeYandex

_OPEN = {
    "yandex": FakeYandex,
    "gigachat": FakeGigaChat,
    "openrouter": FakeOpenRouter,
    "anthropic": FakeAnthropic,
}
ALL = tuple(_OPEN)


@contextmanager
def served(names: Sequence[str]) -> Iterator[tuple[dict[str, Script], dict[str, Any]]]:
    """The script of each by its name, and the settings."""
    with ExitStack() as stack:
        fakes: dict[str, Any] = {name: stack.enter_context(_OPEN[name]()) for name in names}
        settings = [_settings(name, fake) for name, fake in fakes.items()]
        yield (
            {name: fake.script for name, fake in fakes.items()},
            {key: value for told in settings for key, value in told.items()},
        )


def _settings(name: str, fake: Any) -> dict[str, Any]:
    if name == "yandex":
        return {"yandex_keys": KEY, "yandex_folder": FOLDER, "yandex_url": fake.address}
    if name == "gigachat":
        urls = {"gigachat_url": fake.url, "gigachat_auth_url": fake.auth_url}
        return {"gigachat_keys": CREDENTIALS, **urls}
    return {f"{name}_keys": KEY, f"{name}_url": fake.url}
