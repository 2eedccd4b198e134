"""A provider over a LangChain chat model: limits of time, pieces, and the answer in our words.

The model's own `_agenerate` and `_astream` are called, not `ainvoke`: that one would send prompts to
whatever tracer the environment names, and stream or not as a graph above happens to be watched.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from typing import Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk

from ..call import Call, CallFailed, Key, Piece, Region, Reply
from ..outcome import ANSWERED, Outcome
from .answers import counted, joined, judged
from .faults import Fault


class ChatProvider(ABC):
    """stall_s: the longest silence between two pieces of a stream. The first piece may take all the time
    of the call, since a model may think before it speaks."""

    name: str
    region: Region
    # Of a message's additional_kwargs: what the vendor wants back with the history.
    carried: Sequence[str] = ()

    def __init__(self, stall_s: float) -> None:
        self._stall_s = stall_s

    @abstractmethod
    def _chat(self, model: str, key: Key) -> BaseChatModel:
        """The SDK's chat model for this key, the same each time."""

    @abstractmethod
    def _options(self, model: str, call: Call) -> dict[str, Any]:
        """Of the call, in the vendor's form."""

    @abstractmethod
    def _fault(self, error: Exception) -> Fault:
        """What an error of the SDK means."""

    @abstractmethod
    async def _names(self, key: Key) -> list[str]:
        """Of the models that the vendor offers."""

    def _messages(self, call: Call) -> list[BaseMessage]:
        return list(call.messages)

    def _said(self, call: Call, message: AIMessage) -> str:
        """The text of an answer."""
        return message.text

    async def ask(self, model: str, key: Key, call: Call, timeout_s: float) -> Reply:
        with self._failing(model):
            async with asyncio.timeout(timeout_s):
                result = await self._chat(model, key)._agenerate(
                    self._messages(call), **self._options(model, call)
                )
            generation = result.generations[0]
        message = cast(AIMessage, generation.message)
        info = {
            **(result.llm_output or {}),
            **(generation.generation_info or {}),
            **message.response_metadata,
        }
        return self._reply(model, call, message, info)

    async def stream(self, model: str, key: Key, call: Call, timeout_s: float) -> AsyncGenerator[Piece]:
        parts: list[AIMessageChunk] = []
        info: dict[str, Any] = {}
        async with aclosing(self._paced(model, key, call, timeout_s)) as chunks:
            async for chunk in chunks:
                part = cast(AIMessageChunk, chunk.message)
                info |= {**(chunk.generation_info or {}), **part.response_metadata}
                parts.append(part)
                if part.text:
                    yield Piece(part.text)
        reply = self._reply(model, call, joined(parts), info)
        if reply.message.text and not any(part.text for part in parts):
            yield Piece(reply.message.text)
        yield Piece(reply=reply)

    async def models(self, key: Key, timeout_s: float) -> Sequence[str]:
        with self._failing("models"):
            async with asyncio.timeout(timeout_s):
                return await self._names(key)

    async def _paced(
        self, model: str, key: Key, call: Call, timeout_s: float
    ) -> AsyncGenerator[ChatGenerationChunk]:
        """The chunks of a stream, each within its limit. The reader's own time is not measured by a timer
        of ours: one that ends in the reader's hands would cancel the reader."""
        clock = asyncio.get_running_loop().time
        deadline = limit = clock() + timeout_s
        with self._failing(model):
            opened = self._chat(model, key)._astream(self._messages(call), **self._options(model, call))
        async with aclosing(cast(AsyncGenerator[ChatGenerationChunk], opened)) as chunks:
            while (chunk := await self._next(model, chunks, limit, limit < deadline)) is not None:
                yield chunk
                limit = min(deadline, clock() + self._stall_s)

    async def _next(
        self, model: str, chunks: AsyncIterator[ChatGenerationChunk], limit: float, stall: bool
    ) -> ChatGenerationChunk | None:
        with self._failing(model, f"silent for {self._stall_s:g} s" if stall else None):
            async with asyncio.timeout_at(limit):
                try:
                    return await anext(chunks)
                except StopAsyncIteration:
                    return None

    @contextmanager
    def _failing(self, model: str, stalled: str | None = None) -> Iterator[None]:
        """CallFailed for every error, without its cause: a traceback would print what the vendor said."""
        who = f"{self.name}/{model}"
        try:
            yield
        except TimeoutError:
            if stalled:
                raise CallFailed(Outcome.UNAVAILABLE, f"{who}: {stalled}") from None
            raise CallFailed(Outcome.TIMED_OUT, f"{who}: no answer in time") from None
        except Exception as error:
            raise self._fault(error).failed(who) from None

    def _reply(self, model: str, call: Call, message: AIMessage, info: Mapping[str, Any]) -> Reply:
        """Errors: CallFailed for an answer that is none."""
        finish = info.get("finish_reason") or info.get("stop_reason")
        tokens = counted(message.usage_metadata)
        said = self._said(call, message)
        outcome, why = judged(finish, said, message)
        if outcome not in ANSWERED:
            raise CallFailed(outcome, f"{self.name}/{model}: {why}", tokens=tokens)
        kept = {name: value for name, value in message.additional_kwargs.items() if name in self.carried}
        neutral = AIMessage(
            content=said,
            tool_calls=[] if call.schema else message.tool_calls,
            invalid_tool_calls=message.invalid_tool_calls,
            usage_metadata=message.usage_metadata,
            additional_kwargs=kept,
        )
        return Reply(neutral, outcome, tokens, str(info.get("model_name") or model))
