"""A model's text as the object that was asked for."""

from __future__ import annotations

import re
from dataclasses import replace

from langchain_core.messages import HumanMessage
from pydantic import BaseModel, ValidationError

from .call import Call, CallFailed, Reply
from .outcome import Outcome

# Some models fence their JSON, or say something before it, whatever they are asked for.
_FENCED = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)
_SHOWN = 5


class Unfit(CallFailed):
    """The reply does not follow the schema.

    message: what kinds of mistakes, for the record: nothing of it was said by the model or by a validator
    that may quote it. mistakes: where and why, for the model alone.
    """

    def __init__(self, reply: Reply, error: ValidationError) -> None:
        found = error.errors(include_url=False, include_input=False, include_context=False)[:_SHOWN]
        kinds = ", ".join(dict.fromkeys(it["type"] for it in found))
        super().__init__(Outcome.INVALID, f"does not follow the schema: {kinds}", tokens=reply.tokens)
        lines = [f"{'.'.join(map(str, it['loc'])) or 'the answer'}: {it['msg']}" for it in found]
        self.mistakes = "; ".join(lines)
        self.reply = reply


def parsed(reply: Reply, schema: type[BaseModel]) -> BaseModel:
    """Errors: Unfit."""
    text = reply.message.text.strip()
    if found := _FENCED.search(text):
        text = found[1]
    try:
        return schema.model_validate_json(text)
    except ValidationError as error:
        raise Unfit(reply, error) from None


def again(call: Call, unfit: Unfit) -> Call:
    """The call that asks once more, with what was said and what was wrong with it."""
    ask = f"This does not follow the schema: {unfit.mistakes}. Answer again, with the JSON only."
    return replace(call, messages=[*call.messages, unfit.reply.message, HumanMessage(ask)])
