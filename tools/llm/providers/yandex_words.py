"""Messages, tools and answers: LangChain's in the words of Yandex's SDK, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from google.protobuf.struct_pb2 import Struct
from langchain_core.messages import AIMessage, BaseMessage, ToolCall, ToolMessage
from langchain_core.messages.ai import UsageMetadata
from yandex.cloud.ai.foundation_models.v1.text_common_pb2 import FunctionCall, ToolCallList
from yandex.cloud.ai.foundation_models.v1.text_common_pb2 import ToolCall as ProtoToolCall

_ROLES = {"human": "user", "ai": "assistant", "system": "system"}
# Above it a double doesn't hold every whole number.
_EXACT = 2**53


class Unsayable(ValueError):
    """Something that YandexGPT has no words for, such as a picture; the argument names it in one word."""


@dataclass(frozen=True)
class _ToolCalls:
    """As much of the SDK's ToolCallList as it reads when it sends one: it makes none but from an answer."""

    _proto_origin: ToolCallList


@dataclass(frozen=True)
class _Asking:
    """An assistant's message that asks for tools, as the SDK takes it."""

    tool_calls: _ToolCalls
    role: str = "assistant"
    text: str = ""


def sent(messages: Sequence[BaseMessage]) -> list[Any]:
    """A conversation as the SDK takes it. Results of tools that stand together are one message there."""
    calls = [call for message in messages if isinstance(message, AIMessage) for call in message.tool_calls]
    order = {call["id"]: number for number, call in enumerate(calls)}
    said: list[Any] = []
    for results, group in groupby(messages, key=lambda message: isinstance(message, ToolMessage)):
        if results:
            said.append(_results(group, order, calls))
        else:
            said.extend(chain.from_iterable(map(_said, group)))
    return said


def tool_calls(answer: Any, new_id: Callable[[], str]) -> list[ToolCall]:
    """What the model asks for. Yandex names no call, so each gets a new id."""
    called = [call.function for call in answer.tool_calls or () if call.function is not None]
    return [ToolCall(name=call.name, args=whole(call.arguments), id=new_id()) for call in called]


def whole(value: Any) -> Any:
    """The same with whole numbers as int: on the wire every number is a double."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    if isinstance(value, Mapping):
        return {key: whole(item) for key, item in value.items()}
    return [whole(item) for item in value] if isinstance(value, list) else value


def usage(answer: Any) -> UsageMetadata:
    told = answer.usage
    return UsageMetadata(
        input_tokens=told.input_text_tokens,
        output_tokens=told.completion_tokens,
        total_tokens=told.total_tokens,
        output_token_details={"reasoning": told.reasoning_tokens},
    )


def _said(message: BaseMessage) -> Iterator[Any]:
    """One message, or two of an assistant that said something beside its calls: there it is either."""
    calls = message.tool_calls if isinstance(message, AIMessage) else []
    text = _text(message)
    if text or not calls:
        yield {"role": _role(message), "text": text}
    if calls:
        yield _Asking(_ToolCalls(ToolCallList(tool_calls=[_called(call) for call in calls])))


def _role(message: BaseMessage) -> str:
    if (role := _ROLES.get(message.type)) is None:
        raise Unsayable(message.type)
    return role


def _text(message: BaseMessage) -> str:
    """An assistant's other blocks are its thoughts and calls, somebody else's are files."""
    if not isinstance(message, AIMessage) and not isinstance(message.content, str):
        for block in message.content:
            if isinstance(block, dict) and block.get("type") != "text":
                raise Unsayable(str(block.get("type")))
    return str(message.text)


def _called(call: ToolCall) -> ProtoToolCall:
    arguments = Struct()
    arguments.update(call["args"])
    return ProtoToolCall(function_call=FunctionCall(name=call["name"], arguments=arguments))


def _results(
    messages: Iterable[BaseMessage], order: Mapping[str | None, int], calls: Sequence[ToolCall]
) -> dict[str, Any]:
    """Yandex tells results of one function apart by their order alone: it must be that of the calls."""
    found = sorted(((_number(message, order), _text(message)) for message in messages), key=itemgetter(0))
    return {"tool_results": [{"name": calls[number]["name"], "content": text} for number, text in found]}


def _number(message: BaseMessage, order: Mapping[str | None, int]) -> int:
    number = order.get(getattr(message, "tool_call_id", None))
    if number is None:
        raise Unsayable("a_result_without_its_call")
    return number
