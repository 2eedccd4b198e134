"""A provider before a tape that is recorded, and one that is nothing but a tape.

Put them inside of `Masked`, whatever the region: then nobody's name is in the file.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from typing import Any

from langchain_core.messages import AIMessage, message_to_dict, messages_from_dict

from .call import Call, CallFailed, Key, Piece, Provider, Region, Reply, Tokens
from .outcome import Outcome
from .tape import Tape

# What LangChain adds to a message and no model is told.
_UNTOLD = ("id", "response_metadata", "usage_metadata", "additional_kwargs")


class Recording:
    """A provider whose answers are kept. Errors: those of the provider, which are kept too."""

    def __init__(self, provider: Provider, tape: Tape) -> None:
        self.name: str = provider.name
        self.region: Region = provider.region
        self._provider = provider
        self._tape = tape

    async def ask(self, model: str, key: Key, call: Call, timeout_s: float) -> Reply:
        with self._kept(_told(self.name, model, call)) as outcome:
            reply = await self._provider.ask(model, key, call, timeout_s)
            outcome["reply"] = _reply(reply)
        return reply

    async def stream(self, model: str, key: Key, call: Call, timeout_s: float) -> AsyncGenerator[Piece]:
        with self._kept(_told(self.name, model, call, streamed=True)) as outcome:
            texts = outcome["pieces"] = list[str]()
            async with aclosing(self._provider.stream(model, key, call, timeout_s)) as pieces:
                async for piece in pieces:
                    if piece.reply is None:
                        texts.append(piece.text)
                    else:
                        outcome["reply"] = _reply(piece.reply)
                    yield piece

    @contextmanager
    def _kept(self, told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """What is put in is kept. A call that was given up has neither a reply nor a failure."""
        key, outcome = self._tape.key(told), dict[str, Any]()
        try:
            yield outcome
        except CallFailed as error:
            outcome["failed"] = _failure(error)
            raise
        finally:
            self._tape.keep(key, told, outcome)

    async def models(self, key: Key, timeout_s: float) -> Sequence[str]:
        return await self._provider.models(key, timeout_s)

    async def aclose(self) -> None:
        await self._provider.aclose()


class Replaying:
    """A provider that only plays a tape. Errors: TapeMiss; CallFailed where that was recorded."""

    def __init__(self, name: str, region: Region, tape: Tape) -> None:
        self.name = name
        self.region = region
        self._tape = tape

    async def ask(self, model: str, key: Key, call: Call, timeout_s: float) -> Reply:
        entry = self._tape.play(_told(self.name, model, call))
        _raise_failure(entry)
        return _as_reply(entry["reply"])

    async def stream(self, model: str, key: Key, call: Call, timeout_s: float) -> AsyncGenerator[Piece]:
        entry = self._tape.play(_told(self.name, model, call, streamed=True))
        for text in entry["pieces"]:
            yield Piece(text)
        _raise_failure(entry)
        yield Piece(reply=_as_reply(entry["reply"]))

    async def models(self, key: Key, timeout_s: float) -> Sequence[str]:
        return ()

    async def aclose(self) -> None:
        return


def _told(provider: str, model: str, call: Call, *, streamed: bool = False) -> dict[str, Any]:
    messages = [message_to_dict(message) for message in call.messages]
    return {
        "provider": provider,
        "model": model,
        "messages": [{"type": it["type"], **_said(it["data"])} for it in messages],
        "tools": [dict(tool) for tool in call.tools],
        "schema": call.schema,
        "temperature": call.temperature,
        "max_tokens": call.max_tokens,
        "streamed": streamed,
    }


def _said(message: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if value and name not in _UNTOLD}


def _reply(reply: Reply) -> dict[str, Any]:
    return {
        "message": message_to_dict(reply.message),
        "outcome": reply.outcome,
        "tokens": vars(reply.tokens),
        "model": reply.model,
    }


def _as_reply(told: Mapping[str, Any]) -> Reply:
    [message] = messages_from_dict([told["message"]])
    assert isinstance(message, AIMessage)
    return Reply(message, Outcome(told["outcome"]), Tokens(**told["tokens"]), told["model"])


def _failure(error: CallFailed) -> dict[str, Any]:
    return {
        "outcome": error.outcome,
        "message": error.message,
        "retry_after_s": error.retry_after_s,
        "tokens": vars(error.tokens),
    }


def _raise_failure(entry: Mapping[str, Any]) -> None:
    if "reply" in entry:
        return
    if (told := entry.get("failed")) is None:
        raise CallFailed(Outcome.TIMED_OUT, "given up when it was recorded")
    raise CallFailed(
        Outcome(told["outcome"]),
        told["message"],
        retry_after_s=told["retry_after_s"],
        tokens=Tokens(**told["tokens"]),
    )
