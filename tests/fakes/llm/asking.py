"""What tests ask models, and how they wait for what comes of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from tools.llm.call import Call, CallFailed, Key, Provider, Reply

from .script import Script

PATIENT_S = 30.0
PROMPT = "Тайный вопрос про партнёрство"
CHAT = Call([SystemMessage("Отвечай кратко."), HumanMessage(PROMPT)])
FIND: dict[str, Any] = {
    "name": "find",
    "description": "Найти",
    "parameters": {"type": "object", "properties": {"name": {"type": "string"}}},
}
FINDING = Call(CHAT.messages, tools=[FIND])
# As pydantic writes it: with references, unions and defaults.
NESTED: dict[str, Any] = {
    "$defs": {
        "Reason": {
            "type": "object",
            "properties": {"text": {"type": "string"}, "weight": {"type": "number"}},
            "required": ["text"],
        }
    },
    "title": "Judgement",
    "type": "object",
    "properties": {
        "best": {"anyOf": [{"$ref": "#/$defs/Reason"}, {"type": "null"}], "default": None},
        "reasons": {"type": "array", "items": {"$ref": "#/$defs/Reason"}},
        "extra": {"type": "object"},
    },
    "required": ["reasons"],
}
JUDGING = Call(CHAT.messages, schema=NESTED)


async def streamed(
    provider: Provider, model: str, key: Key, call: Call, timeout_s: float = PATIENT_S
) -> Reply:
    """The reply of a stream, whose pieces are seen to be its text."""
    pieces = [piece async for piece in provider.stream(model, key, call, timeout_s)]
    reply = pieces[-1].reply
    assert reply is not None
    assert "".join(piece.text for piece in pieces) == reply.message.text
    assert [piece.reply for piece in pieces[:-1]] == [None] * (len(pieces) - 1)
    return reply


async def failure(provider: Provider, model: str, key: Key, call: Call = CHAT) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        await provider.ask(model, key, call, PATIENT_S)
    return caught.value


async def until(script: Script, running: int) -> None:
    async with asyncio.timeout(PATIENT_S):
        while script.running != running:  # noqa: ASYNC110 - it is a server's, in another thread
            await asyncio.sleep(0.005)
