"""Every place of a call where text from data may sit.

Left alone are names that a program gives: of tools, of types, of the keys of a schema. They are checked:
where one looks like personal data the call is refused, because no placeholder would be a valid name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from ..call import Call
from .errors import Refused

_TEXT_PARTS = frozenset(
    re.findall(
        r"\S+",
        "text input_text output_text refusal tool_use tool_call tool_result thinking"
        " redacted_thinking reasoning json",
    )
)
# Made by the vendor or by us; a changed signature is an invalid one.
_OPAQUE = frozenset(
    re.findall(
        r"\S+",
        "type id call_id tool_use_id tool_call_id index cache_control signature data encrypted_content",
    )
)
_NAMED = frozenset(
    re.findall(
        r"\S+",
        "properties $defs definitions patternProperties dependentSchemas",
    )
)
_CODE = frozenset(
    re.findall(
        r"\S+",
        "type format $ref $schema $id $anchor pattern required contentEncoding discriminator",
    )
)
# What langchain needs to read the parts of an answer of before.
_METADATA = frozenset(("output_version", "model_provider"))


class Visitor(Protocol):
    def text(self, text: str, label: str = "") -> str:
        """What stands there instead. label: the key under which it stands, which may say what it is."""
        ...

    def code(self, name: str) -> str: ...


def walked(call: Call, visitor: Visitor) -> Call:
    """The call with what the visitor says in place of every text."""
    return replace(
        call,
        messages=[_message(message, visitor) for message in call.messages],
        tools=[_tool(tool, visitor) for tool in call.tools],
        schema=None if call.schema is None else _root(call.schema, visitor),
    )


def _message(message: BaseMessage, visitor: Visitor) -> BaseMessage:
    changed: dict[str, Any] = {
        "content": _content(message.content, visitor),
        "additional_kwargs": _data(message.additional_kwargs, visitor),
        "response_metadata": {
            key: each for key, each in message.response_metadata.items() if key in _METADATA
        },
    }
    if isinstance(message, AIMessage):
        return _answer(message, changed, visitor)
    if isinstance(message, ToolMessage):
        return message.model_copy(update={**changed, "artifact": None, "name": _code(message.name, visitor)})
    if message.name is not None and visitor.text(message.name, "name") != message.name:
        changed["name"] = None
    return message.model_copy(update=changed)


def _answer(message: AIMessage, changed: dict[str, Any], visitor: Visitor) -> AIMessage:
    """A new one: a chunk of a stream would keep the raw text of its calls."""
    calls = [
        {**call, "name": visitor.code(call["name"]), "args": _data(call["args"], visitor)}
        for call in message.tool_calls
    ]
    invalid = [
        {**call, "args": _data(call.get("args"), visitor), "error": _data(call.get("error"), visitor)}
        for call in message.invalid_tool_calls
    ]
    return AIMessage(**changed, tool_calls=calls, invalid_tool_calls=invalid, id=message.id)


def _code(name: str | None, visitor: Visitor) -> str | None:
    return None if name is None else visitor.code(name)


def _content(content: Any, visitor: Visitor) -> Any:
    if isinstance(content, str):
        return visitor.text(content)
    return [visitor.text(part) if isinstance(part, str) else _part(part, visitor) for part in content]


def _part(part: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
    if part.get("type") not in _TEXT_PARTS:
        raise Refused("a message has a part that is no text and cannot be looked into")
    return {key: value if key in _OPAQUE else _field(key, value, visitor) for key, value in part.items()}


def _field(key: str, value: Any, visitor: Visitor) -> Any:
    if key == "name" and isinstance(value, str):
        return visitor.code(value)
    if key == "content" and isinstance(value, str | list):
        return _content(value, visitor)
    return _data(value, visitor)


def _data(value: Any, visitor: Visitor, label: str = "") -> Any:
    """JSON-like data. A number that is personal becomes a placeholder, which is a string."""
    if isinstance(value, str):
        return visitor.text(value, label)
    if isinstance(value, Mapping):
        return {visitor.text(str(key)): _data(each, visitor, str(key)) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_data(each, visitor, label) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        said = str(int(value)) if isinstance(value, int) or value.is_integer() else str(value)
        masked = visitor.text(said, label)
        return value if masked == said else masked
    if value is None or isinstance(value, bool):
        return value
    raise Refused("a message holds data of a kind that cannot be looked into")


def _tool(tool: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
    return {
        key: visitor.code(value)
        if key == "name"
        else _root(value, visitor)
        if isinstance(value, Mapping)
        else _data(value, visitor)
        for key, value in tool.items()
    }


def _root(schema: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
    """Some vendors take the title of a schema for the name of a function."""
    masked = _schema(schema, visitor)
    return masked if "title" not in schema else {**masked, "title": visitor.code(str(schema["title"]))}


def _schema(schema: Any, visitor: Visitor) -> Any:
    if isinstance(schema, Sequence) and not isinstance(schema, str):
        return [_schema(each, visitor) for each in schema]
    if not isinstance(schema, Mapping):
        return _data(schema, visitor)
    return {key: _keyword(key, value, visitor) for key, value in schema.items()}


def _keyword(key: str, value: Any, visitor: Visitor) -> Any:
    if key in _NAMED and isinstance(value, Mapping):
        return {visitor.code(name): _schema(each, visitor) for name, each in value.items()}
    if key in _CODE:
        return _names(value, visitor)
    if key in ("const", "enum", "default", "example", "examples"):
        return _data(value, visitor)
    return _schema(value, visitor)


def _names(value: Any, visitor: Visitor) -> Any:
    if isinstance(value, str):
        return visitor.code(value)
    if isinstance(value, Sequence):
        return [_names(each, visitor) for each in value]
    return _data(value, visitor)
