"""A call made short enough for a model, where the policy would rather have that than a refusal."""

from __future__ import annotations

import re
from dataclasses import replace

from langchain_core.messages import BaseMessage, SystemMessage

from .call import Call
from .catalogue import CHARACTERS_A_TOKEN, Card

CUT = " […] "
# As prompts fence what others wrote.
_READ = re.compile(r"<data>\n(.*?)\n</data>", re.DOTALL)


def fitted(call: Call, card: Card) -> Call:
    """The call with the middles of its longest messages left out, as far as that is too long for the model.

    A prompt says what is to be done and has what was read within fences, which stay. What the system says and
    what is no plain text stays whole: then the call may still be too long, which is refused.
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
    """By so many characters, or by all but the mark, of the longest thing that was read, if something was."""
    text = message.text
    start, end = max((found.span(1) for found in _READ.finditer(text)), key=_length, default=(0, len(text)))
    kept = max(0, end - start - by - len(CUT))
    head, tail = kept - kept // 2, kept // 2
    return message.model_copy(update={"content": text[: start + head] + CUT + text[end - tail :]})


def _length(span: tuple[int, int]) -> int:
    return span[1] - span[0]
