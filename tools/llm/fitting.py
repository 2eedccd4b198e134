"""A call made short enough for a model, where the policy would rather have that than a refusal."""

from __future__ import annotations

from dataclasses import replace

from langchain_core.messages import BaseMessage, SystemMessage

from .call import Call
from .catalogue import CHARACTERS_A_TOKEN, Card

CUT = " […] "


def fitted(call: Call, card: Card) -> Call:
    """The call with the middles of its longest messages left out, as far as that is too long for the model.

    A prompt begins and ends with what is to be done, and has what was read between. What the system says
    and what is no plain text stays whole: then the call may still be too long, which is refused.
    """
    messages = list(call.messages)
    plain = [place for place, message in enumerate(messages) if _may_be_cut(message)]
    for place in sorted(plain, key=lambda it: len(messages[it].text), reverse=True):
        excess = card.excess(replace(call, messages=messages))
        if excess <= 0:
            break
        messages[place] = _shorter(messages[place], excess * CHARACTERS_A_TOKEN)
    return replace(call, messages=messages)


def _may_be_cut(message: BaseMessage) -> bool:
    plain = isinstance(message.content, str) and len(message.content) > len(CUT)
    return plain and not isinstance(message, SystemMessage)


def _shorter(message: BaseMessage, by: int) -> BaseMessage:
    """By so many characters, or by all but the mark."""
    text = message.text
    kept = max(0, len(text) - by - len(CUT))
    head = kept - kept // 2
    return message.model_copy(update={"content": text[:head] + CUT + text[len(text) - kept // 2 :]})
