"""Production's nodes by themselves: what they use, as the settings say, and nothing that runs graphs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from agents.context import Context
from graphs.runtime.contexts import context_of, fetcher_of
from graphs.runtime.llm import Llm, open_llms
from graphs.runtime.settings import Settings
from memory.db import Database, Memory
from tools.http import Fetcher


@dataclass(frozen=True)
class Nodes:
    """llm: what stands behind context.llm."""

    settings: Settings
    memory: Memory
    context: Context
    llm: Llm
    clock: Callable[[], datetime]


class _Nobody:
    """Starts no runs."""

    async def start(
        self, graph: str, input: dict[str, Any], *, key: str, thread_id: str, parent_id: str
    ) -> bool:
        return False


@cache
def shared_fetcher() -> Fetcher:
    """One for all cases, which read files alone: the certificates that it loads cost more than a question."""
    return fetcher_of(Settings.model_construct())


@asynccontextmanager
async def open_nodes(
    settings: Settings, fetcher: Fetcher, clock: Callable[[], datetime], new_id: Callable[[], str]
) -> AsyncIterator[Nodes]:
    async with AsyncExitStack() as stack:
        database = Database(settings.url)
        stack.callback(database.close)
        memory = Memory(database)
        llms = await stack.enter_async_context(open_llms(settings, clock, new_id))
        llm = llms.of(memory)
        context = context_of(settings, memory, fetcher, llm.prompted, _Nobody(), clock, new_id)
        yield Nodes(settings, memory, context, llm, clock)
