"""A call made short enough for a model, where the policy would rather have that than a refusal."""

from __future__ import annotations

from dataclasses import replace

from .call import Call
from .catalogue import CHARACTERS_A_TOKEN, Card

CUT = " […]"


def fitted(call: Call, card: Card) -> Call:
    """The call with the end of its longest message cut off, as far as that is too long for the model."""
    excess = card.excess(call)
    if excess <= 0:
        return call
    longest = max(range(len(call.messages)), key=lambda it: len(call.messages[it].text))
    message = call.messages[longest]
    kept = max(0, len(message.text) - excess * CHARACTERS_A_TOKEN - len(CUT))
    shorter = message.model_copy(update={"content": message.text[:kept] + CUT})
    messages = [*call.messages[:longest], shorter, *call.messages[longest + 1 :]]
    return replace(call, messages=messages)
