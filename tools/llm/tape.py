"""What providers answered, kept in a file and played again: failures too, so that fallbacks replay.

A line of the file is one call, as JSON: what was asked, and what came of it. A call is found again by all
that may change its answer: provider, model, parameters, messages, tools, schema, and how often the same was
asked before. Put it inside of `Masked`, whatever the region: then nobody's name is in the file.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, message_to_dict, messages_from_dict

from .call import Call, CallFailed, Key, Piece, Provider, Region, Reply, Tokens
from .outcome import Outcome

# What LangChain adds to a message and no model is told.
_UNTOLD = ("id", "response_metadata", "usage_metadata", "additional_kwargs")


class TapeMiss(Exception):
    """A call that is not on the tape: what it was, and how to record it."""


class Tape:
    """The calls of one file. `epoch` keeps repetitions of an evaluation apart."""

    def __init__(self, path: Path, *, epoch: int = 1) -> None:
        self._path = path
        self._epoch = epoch
        self._asked: Counter[str] = Counter()
        self._played: dict[str, dict[str, Any]] = {}
        if path.exists():
            lines = path.read_text(encoding="utf-8").splitlines()
            self._played = {entry["key"]: entry for entry in map(json.loads, lines)}

    def key(self, told: Mapping[str, Any]) -> str:
        """Of this call, which counts it as asked."""
        text = json.dumps({**told, "epoch": self._epoch}, sort_keys=True, ensure_ascii=False)
        self._asked[text] += 1
        return hashlib.sha256(f"{text}#{self._asked[text]}".encode()).hexdigest()[:32]

    def play(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Errors: TapeMiss."""
        if (entry := self._played.get(self.key(told))) is None:
            last = str(told["messages"][-1]["content"])[:80] if told["messages"] else ""
            raise TapeMiss(f"{self._path} has no answer of {told['provider']}/{told['model']} to {last!r}")
        return entry

    def keep(self, told: Mapping[str, Any], outcome: Mapping[str, Any]) -> None:
        entry = {"key": self.key(told), "asked": told, **outcome}
        self._played[entry["key"]] = entry
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")


class Recording:
    """A provider whose answers are kept. Errors: those of the provider, which are kept too."""

    def __init__(self, provider: Provider, tape: Tape) -> None:
        self.name: str = provider.name
        self.region: Region = provider.region
        self._provider = provider
        self._tape = tape

    async def ask(self, model: str, key: Key, call: Call, timeout_s: float) -> Reply:
        told = _told(self.name, model, call)
        try:
            reply = await self._provider.ask(model, key, call, timeout_s)
        except CallFailed as error:
            self._tape.keep(told, {"failed": _failure(error)})
            raise
        self._tape.keep(told, {"reply": _reply(reply)})
        return reply

    async def stream(self, model: str, key: Key, call: Call, timeout_s: float) -> AsyncGenerator[Piece]:
        told, texts = _told(self.name, model, call, streamed=True), list[str]()
        try:
            async for piece in self._provider.stream(model, key, call, timeout_s):
                texts.append(piece.text)
                if piece.reply is not None:
                    self._tape.keep(told, {"pieces": texts[:-1], "reply": _reply(piece.reply)})
                yield piece
        except CallFailed as error:
            self._tape.keep(told, {"pieces": texts, "failed": _failure(error)})
            raise

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
    if told := entry.get("failed"):
        raise CallFailed(
            Outcome(told["outcome"]),
            told["message"],
            retry_after_s=told["retry_after_s"],
            tokens=Tokens(**told["tokens"]),
        )
