"""The router as Artel runs it, a ledger in SQLite included, beside ChatOpenAI:
`python -m tests.bench.llm.ours URL`.

The provider is our OpenRouter, which is ChatOpenAI underneath, without the masking that it has elsewhere.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import openai
import uvloop
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from graphs.runtime.spending import Spending
from memory.db import Database, Memory
from memory.schema import upgrade
from tools.llm import catalogue
from tools.llm.asking import Model
from tools.llm.breaker import Breaker
from tools.llm.call import Key
from tools.llm.door import Door, Limit
from tools.llm.policy import Policies
from tools.llm.providers.openrouter import OpenRouter
from tools.llm.question import Asker, Question
from tools.llm.router import Router

from .calls import serve
from .vendor import AT_ONCE

MODEL = "openai/gpt-4o"
MESSAGES = [HumanMessage("Какой город?")]
# Whom an agent asks, in this order.
STEPS = {
    "router": ("good",),
    "after a 500": ("broken", "good"),
    "after a 429": ("busy", "good"),
    "after an opened breaker": ("opened", "good"),
    "limited": ("slow",),
}
_NEVER = 10**9


def _models(url: str) -> dict[str, Model]:
    opened = Breaker(time.monotonic, threshold=1, first_s=_NEVER, longest_s=_NEVER)
    return {
        "good": _model(f"{url}/200/v1"),
        "broken": _model(f"{url}/500/v1"),
        "busy": _model(f"{url}/429/v1"),
        "opened": _model(f"{url}/500/v1", opened),
        "slow": _model(f"{url}/slow/v1", limit=Limit(AT_ONCE)),
    }


def _model(url: str, breaker: Breaker | None = None, limit: Limit = Limit(64)) -> Model:
    card = catalogue.load().card("openrouter", MODEL, date(2026, 11, 21))
    door = Door([Key("first", "a-key")], limit, time.monotonic)
    return Model(OpenRouter(url), MODEL, door, breaker or Breaker(time.monotonic, threshold=_NEVER), card)


@asynccontextmanager
async def _spending() -> AsyncIterator[Spending]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'artel.db'}"
        upgrade(url)
        memory = Memory(Database(url))
        spending = Spending(
            memory, cap=1e6, zone=UTC, clock=lambda: datetime.now(UTC), new_id=lambda: str(uuid4())
        )
        yield spending
        await spending.aclose()
        memory.database.close()


def _routed(url: str, spending: Spending) -> dict[str, Callable[[], Awaitable[object]]]:
    models = _models(url)
    plans = {
        agent: {"steps": [f"{name}/{MODEL}" for name in names], "retries": 0}
        for agent, names in STEPS.items()
    }
    policies = Policies.model_validate({"agents": plans})
    router = Router(
        lambda name, _: models[name], policies, spending, monotonic=time.monotonic, chance=lambda: 0.0
    )
    return {agent: lambda agent=agent: router.ask(Question(MESSAGES, Asker(agent))) for agent in STEPS}


def _bare(url: str) -> dict[str, Callable[[], Awaitable[object]]]:
    """ChatOpenAI, and the SDK under it and under our provider, as their users call them."""
    base = f"{url}/200/v1"
    chat = ChatOpenAI(model=MODEL, base_url=base, api_key=SecretStr("a-key"), max_retries=0, temperature=0.2)
    sdk = openai.AsyncOpenAI(base_url=base, api_key="a-key", max_retries=0).chat.completions
    said: Any = [{"role": "user", "content": MESSAGES[0].text}]
    return {
        "ChatOpenAI": lambda: chat.ainvoke(MESSAGES),
        "SDK": lambda: sdk.create(model=MODEL, messages=said, temperature=0.2),
    }


async def _main(url: str) -> None:
    async with _spending() as spending:
        calls = {**_bare(url), **_routed(url, spending)}
        for call in calls.values():
            await call()
        gc.freeze()
        await serve(calls)


if __name__ == "__main__":
    uvloop.run(_main(sys.argv[1]))
