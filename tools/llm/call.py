"""What a provider is asked and what it answers: the boundary that every vendor's SDK is brought to.

The router stands before it, the tape wraps it, and masking changes what passes through it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from langchain_core.messages import AIMessage, BaseMessage

from .outcome import Outcome


class Region(StrEnum):
    """Where a provider processes what it is sent: 152-FZ asks for Russia."""

    RUSSIA = "ru"
    ABROAD = "abroad"


@dataclass(frozen=True)
class Call:
    """messages: LangChain's; tools: functions in OpenAI's form {name, description, parameters};
    schema: a JSON schema that the answer must follow (not together with tools); max_tokens: of the answer."""

    messages: Sequence[BaseMessage]
    tools: Sequence[Mapping[str, Any]] = ()
    schema: Mapping[str, Any] | None = None
    temperature: float = 0.0
    max_tokens: int | None = None

    @cached_property
    def characters(self) -> int:
        """Of all that is sent: what was said, the tools that were called, those there are, the schema."""
        said = sum(len(str(message.content)) for message in self.messages)
        called = [message.tool_calls for message in self.messages if isinstance(message, AIMessage)]
        data = [it for it in (*called, [*self.tools], self.schema) if it]
        return said + sum(len(json.dumps(it, ensure_ascii=False, default=str)) for it in data)


@dataclass(frozen=True)
class Tokens:
    """As the provider counted them; cached: those of the input that it did not read anew."""

    input: int = 0
    output: int = 0
    cached: int = 0


NO_TOKENS = Tokens()


@dataclass(frozen=True)
class Reply:
    """A whole answer. outcome: ok or truncated; model: as the provider calls what answered.

    With a schema the message's text is the JSON that was said; nobody has checked it yet.
    """

    message: AIMessage
    outcome: Outcome
    tokens: Tokens
    model: str


@dataclass(frozen=True)
class Piece:
    """Some text of a stream; the last piece carries the whole reply and no text."""

    text: str = ""
    reply: Reply | None = None


class CallFailed(Exception):
    """One call that brought no answer. retry_after_s: how long the vendor asked to be left alone.

    tokens: what a filtered or broken answer still cost, when the vendor said so.
    """

    def __init__(
        self,
        outcome: Outcome,
        message: str,
        *,
        retry_after_s: float | None = None,
        tokens: Tokens = NO_TOKENS,
    ) -> None:
        super().__init__(f"{outcome}: {message}")
        self.outcome = outcome
        self.message = message
        self.retry_after_s = retry_after_s
        self.tokens = tokens


# Of a shorter key four letters would be too much to show.
_LONG_ENOUGH = 16


@dataclass(frozen=True)
class Key:
    """A key to a provider's door. It never reaches a log or a person: its name and last letters do."""

    name: str
    secret: str = field(repr=False)

    def __str__(self) -> str:
        shown = f" (…{self.secret[-4:]})" if len(self.secret) >= _LONG_ENOUGH else ""
        return self.name + shown


class Provider(Protocol):
    """One vendor behind its own SDK, whose retries are off: the router owns retries.

    A call ends within `timeout_s` seconds. A stream that is cut, stalls or cannot be read fails as
    unavailable; a stream that is closed early ends its request.
    Errors: CallFailed, and nothing else but a cancellation.
    """

    name: str
    region: Region

    async def ask(self, model: str, key: Key, call: Call, timeout_s: float) -> Reply: ...

    def stream(self, model: str, key: Key, call: Call, timeout_s: float) -> AsyncGenerator[Piece]: ...

    async def models(self, key: Key, timeout_s: float) -> Sequence[str]:
        """What the vendor offers to this key, as far as it tells."""
        ...

    async def aclose(self) -> None: ...
