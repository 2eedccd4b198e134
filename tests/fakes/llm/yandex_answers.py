"""What YandexGPT answers, as the vendor's own messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from yandex.cloud.ai.foundation_models.v1.text_common_pb2 import (
    Alternative,
    ContentUsage,
    FunctionCall,
    Message,
    ToolCall,
    ToolCallList,
)
from yandex.cloud.ai.foundation_models.v1.text_generation.text_generation_service_pb2 import (
    CompletionResponse,
)

from .script import ANSWER, Finish, Turn

MODEL_VERSION = "23.10.2026"

_PARTIAL = Alternative.ALTERNATIVE_STATUS_PARTIAL
_CALLED = Alternative.ALTERNATIVE_STATUS_TOOL_CALLS
_STATUS = {
    Finish.STOP: Alternative.ALTERNATIVE_STATUS_FINAL,
    Finish.LENGTH: Alternative.ALTERNATIVE_STATUS_TRUNCATED_FINAL,
    Finish.FILTER: Alternative.ALTERNATIVE_STATUS_CONTENT_FILTER,
}


def alternatives(turn: Turn, stream: bool) -> Iterator[Any]:
    """Alternatives in the order in which they are sent; the last is the answer.

    A filter strikes after a first word was said and puts its own text in the place of it.
    """
    spoken = ANSWER.pieces[:1] if turn.finish is Finish.FILTER else turn.pieces
    for end in range(1, len(spoken) + 1) if stream else ():
        text = "".join(spoken[:end])
        yield Alternative(message=Message(role="assistant", text=text), status=_PARTIAL)
    if turn.tools:
        calls = [ToolCall(function_call=_function_call(tool)) for tool in turn.tools]
        message = Message(role="assistant", tool_call_list=ToolCallList(tool_calls=calls))
        called = turn.finish is Finish.STOP
        yield Alternative(message=message, status=_CALLED if called else _STATUS[turn.finish])
    else:
        yield Alternative(message=Message(role="assistant", text=turn.text), status=_STATUS[turn.finish])


def _function_call(tool: Any) -> Any:
    call = FunctionCall(name=tool.name)
    call.arguments.update(json.loads(tool.said))
    return call


def response(turn: Turn, said: Any) -> Any:
    usage = ContentUsage(
        input_text_tokens=turn.tokens_in,
        completion_tokens=turn.tokens_out,
        total_tokens=turn.tokens_in + turn.tokens_out,
    )
    return CompletionResponse(alternatives=[said], usage=usage, model_version=MODEL_VERSION)
