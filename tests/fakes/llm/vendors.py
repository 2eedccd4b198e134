"""Each vendor as a pair of its fake and our provider over the real SDK, ready to be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from tools.llm.call import Key, Provider
from tools.llm.providers.anthropic import Anthropic
from tools.llm.providers.gigachat import GigaChat
from tools.llm.providers.openrouter import OpenRouter
from tools.llm.providers.yandex import Yandex

from .anthropic import FakeAnthropic
from .certificates import Authority
from .gigachat import CREDENTIALS, FakeGigaChat
from .openrouter import FakeOpenRouter
from .script import Script
from .vendor import KEY
from .yandex import FOLDER, SERVICE, FakeYandex


@dataclass(frozen=True)
class Vendor:
    """open: a new provider, given the longest silence in a stream; the caller closes it."""

    name: str
    model: str
    key: Key
    script: Script
    open: Callable[[float], Provider]


@contextmanager
def gigachat(folder: Path) -> Iterator[Vendor]:
    authority = Authority(folder)
    with FakeGigaChat(authority.issue()) as fake:

        def opened(stall_s: float) -> Provider:
            return GigaChat(fake.url, fake.auth_url, ca_bundle_file=authority.ca_bundle, stall_s=stall_s)

        yield Vendor("gigachat", "GigaChat-2-Max", Key("first", CREDENTIALS), fake.script, opened)


@contextmanager
def openrouter(folder: Path) -> Iterator[Vendor]:
    with FakeOpenRouter() as fake:
        key = Key("first", KEY)
        yield Vendor("openrouter", "openai/gpt-4o", key, fake.script, lambda s: OpenRouter(fake.url, s))


@contextmanager
def anthropic(folder: Path) -> Iterator[Vendor]:
    with FakeAnthropic() as fake:
        key = Key("first", KEY)
        yield Vendor("anthropic", "claude-sonnet-4-6", key, fake.script, lambda s: Anthropic(fake.url, s))


@contextmanager
def yandex(folder: Path) -> Iterator[Vendor]:
    with FakeYandex() as fake:
        numbers = count(1)

        def opened(stall_s: float) -> Provider:
            way: dict[str, Any] = {"endpoint": None, "service_map": {SERVICE: fake.address}, "verify": False}
            return Yandex(FOLDER, lambda: f"id-{next(numbers)}", **way, stall_s=stall_s)

        yield Vendor("yandex", "yandexgpt/latest", Key("first", KEY), fake.script, opened)


# Those with an HTTP API; yandex speaks gRPC and has tests of its own.
VENDORS = {"gigachat": gigachat, "openrouter": openrouter, "anthropic": anthropic}
ALL = {"yandex": yandex, **VENDORS}
