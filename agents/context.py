"""What a node may use. Everything that touches the world, the clock or chance arrives here.

A node takes `runtime: Runtime[Context]` and nothing global. Times are aware UTC; ids are UUIDv7 text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from memory.db import Memory
from memory.vectors import Vectors
from prompts import Prompt
from tools.feeds import FeedReader
from tools.llm.completion import Completion
from tools.mail import Mail
from tools.registries import Registry

Lang = Literal["ru", "en"]
Style = Literal["formal", "friendly", "technical"]


@dataclass(frozen=True)
class Sender:
    """Who signs the letters."""

    name: str
    company: str
    email: str


@dataclass(frozen=True)
class Policy:
    """The choices an operator makes for the agents.

    threshold: score in 0..1 from which a pair is proposed; shortlist: pairs a scout run may start.
    """

    threshold: float
    shortlist: int
    lang: Lang
    style: Style
    sender: Sender


class LLM(Protocol):
    """One door to every model."""

    async def complete(
        self, prompt: Prompt, schema: type[BaseModel], *, agent: str, thread_id: str | None = None
    ) -> Completion:
        """The answer to `prompt` as an object of `schema` in `Completion.value`, by the agent's policy.

        Errors: tools.llm.errors.LLMUnavailable when nobody could answer.
        """
        ...

    def can_ask(self, agent: str, *, thread_id: str | None = None) -> bool:
        """Whether the agent has any model to ask, or only what needs none."""
        ...


class CRM(Protocol):
    """Where a partnership's deal lives: the local pipeline now, a vendor's CRM later."""

    name: str

    async def find(self, key: str) -> dict[str, Any] | None:
        """The deal with this key as {stage, title, note, version, …}, or nothing."""
        ...

    async def put(self, key: str, fields: dict[str, Any], *, expected_version: int | None) -> dict[str, Any]:
        """Create or update the deal; the same key never makes a second one.

        Errors: memory.pipeline.DealChanged when somebody changed it after `expected_version`.
        """
        ...


class Starter(Protocol):
    """Starts runs of another graph."""

    async def start(
        self, graph: str, input: dict[str, Any], *, key: str, thread_id: str, parent_id: str
    ) -> bool:
        """True when a run was started, False when this key had already been used."""
        ...


@dataclass(frozen=True)
class Context:
    """Handed to every node by the runtime."""

    memory: Memory
    vectors: Vectors
    feeds: FeedReader
    registry: Registry
    llm: LLM
    mail: Mail
    crm: CRM
    starter: Starter
    policy: Policy
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
