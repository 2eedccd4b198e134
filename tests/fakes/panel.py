"""A pair's graph over fake vendors: OpenRouter judges it and writes its letter, Anthropic notes its risks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver

import prompts
from agents.context import Context, Lang
from graphs.partnership import build
from memory.db import Memory
from memory.embeddings import CachedEmbeddings, UniversalSentenceEmbeddings
from memory.vectors import Vectors
from prompts import OFFLINE_TEMPLATES
from tools.llm.offline import Offline
from tools.llm.prompted import Prompted
from tools.mail import Outbox

from .llm.routed import routed
from .llm.script import Script
from .llm.vendors import Vendor
from .pairs import context

MODEL = UniversalSentenceEmbeddings()
JUDGE, WARNER = "openrouter", "anthropic"


@dataclass(frozen=True)
class Panel:
    """judge, warner: what the vendors are told to answer, and what they were asked."""

    ctx: Context
    graph: Any
    judge: Script
    warner: Script

    def with_threshold(self, threshold: float) -> Panel:
        policy = replace(self.ctx.policy, threshold=threshold)
        return replace(self, ctx=replace(self.ctx, policy=policy))

    def speaking(self, lang: Lang) -> Panel:
        return replace(self, ctx=replace(self.ctx, policy=replace(self.ctx.policy, lang=lang)))

    async def kept(self, thread: str, node: str) -> bool:
        """Whether what the node answered is kept already."""
        state = await self.graph.aget_state({"configurable": {"thread_id": thread}})
        return any(task.name == node and task.result is not None for task in state.tasks)

    async def run(self, thread: str, given: Any) -> dict[str, Any]:
        """The state of the pair when it stops, with the question in `__interrupt__` if it asks one."""
        config = {"configurable": {"thread_id": thread}}
        done: dict[str, Any] = await self.graph.ainvoke(given, config, context=self.ctx, durability="sync")
        return done


def prompts_of(script: Script) -> list[str]:
    """What the vendor was asked, as its server read it."""
    said = [asked.body["messages"][0]["content"] for asked in script.asked]
    return [it if isinstance(it, str) else "".join(block["text"] for block in it) for it in said]


@asynccontextmanager
async def panel(
    vendors: Mapping[str, Vendor], memory: Memory, clock: Callable[[], datetime], outbox: Path
) -> AsyncIterator[Panel]:
    """Without vendors nobody can be asked."""
    numbers = iter(range(10**6))
    steps = {name: [f"{it.name}/{it.model}"] for name, it in vendors.items()}
    agents = {"risk": {"steps": steps.get(WARNER, [])}}
    async with routed(list(vendors.values()), steps=steps.get(JUDGE, []), agents=agents) as to:
        llm = Prompted(to.router, Offline(OFFLINE_TEMPLATES), lambda: f"q-{next(numbers)}", prompts.load)
        vectors = Vectors(memory, CachedEmbeddings(MODEL, memory))
        ctx = context(memory, clock, llm=llm, vectors=vectors, mail=Outbox(outbox, clock))
        scripts = (to.scripts.get(name, Script()) for name in (JUDGE, WARNER))
        yield Panel(ctx, build().compile(checkpointer=InMemorySaver()), *scripts)
