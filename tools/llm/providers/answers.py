"""What an answer of a LangChain chat model comes to: how it ended, its chunks joined, what it cost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, InvalidToolCall, ToolCall, UsageMetadata
from langchain_core.messages.tool import invalid_tool_call, tool_call

from ..call import Tokens
from ..outcome import Outcome

_FINISHES = {
    "length": Outcome.TRUNCATED,
    "max_tokens": Outcome.TRUNCATED,
    "model_context_window_exceeded": Outcome.TRUNCATED,
    "blacklist": Outcome.FILTERED,
    "content_filter": Outcome.FILTERED,
    "refusal": Outcome.FILTERED,
    "error": Outcome.UNAVAILABLE,
}


def judged(finish: str | None, said: str, message: AIMessage) -> tuple[Outcome, str]:
    """How an answer ended, and why it is none.

    An empty one counts as unavailable, not invalid: there is nothing to show the model its mistake with,
    and only somebody else can help.
    """
    if finish is None:
        return Outcome.UNAVAILABLE, "the answer broke off"
    outcome = _FINISHES.get(finish, Outcome.OK)
    if outcome is Outcome.OK and message.additional_kwargs.get("refusal"):
        return Outcome.FILTERED, "refusal"
    if outcome is Outcome.OK and message.invalid_tool_calls:
        return Outcome.INVALID, "the arguments of a tool call are not a JSON object"
    if outcome is Outcome.OK and not said.strip() and not message.tool_calls:
        return Outcome.UNAVAILABLE, "the answer is empty"
    return outcome, finish


def joined(parts: Sequence[AIMessageChunk]) -> AIMessage:
    """One message of all its chunks. LangChain would mend the arguments of tools that broke off, so that a
    letter to "ivan@exam" looked like the whole; here they are JSON objects or invalid."""
    whole = AIMessageChunk(content="") + list(parts)
    calls: list[ToolCall] = []
    invalid: list[InvalidToolCall] = []
    for chunk in whole.tool_call_chunks:
        name, arguments, call_id = chunk["name"] or "", chunk["args"] or "{}", chunk["id"]
        parsed = _object(arguments)
        if parsed is None:
            invalid.append(invalid_tool_call(name=name, args=arguments, id=call_id))
        else:
            calls.append(tool_call(name=name, args=parsed, id=call_id))
    return AIMessage(
        content=whole.content,
        additional_kwargs=whole.additional_kwargs,
        tool_calls=calls,
        invalid_tool_calls=invalid,
        usage_metadata=whole.usage_metadata,
    )


def _object(said: str) -> dict[str, Any] | None:
    try:
        value = json.loads(said)
    except ValueError:
        return None
    return {} if value is None else value if isinstance(value, dict) else None


def counted(usage: UsageMetadata | None) -> Tokens:
    if usage is None:
        return Tokens()
    cached = usage.get("input_token_details", {}).get("cache_read") or 0
    return Tokens(usage["input_tokens"], usage["output_tokens"], cached)
