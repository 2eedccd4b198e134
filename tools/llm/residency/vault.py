"""The values of one call behind their placeholders."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from langchain_core.messages import AIMessage

from .finding import Kind
from .placeholders import TOLERATED, named, placeholder, unfinished

# Longer than any placeholder: where a held-back one can begin.
_LONGEST = 48
_unfinished = lru_cache(maxsize=256)(unfinished)


class Vault:
    """Lives for one call. The same value of the same kind has the same placeholder.

    unknown: placeholders that a model made up; they are left as they are.
    """

    def __init__(self) -> None:
        self._placeholders: dict[tuple[Kind, str], str] = {}
        self._values: dict[tuple[Kind, int], str] = {}
        self._counts: dict[Kind, int] = {}
        self.unknown: list[str] = []

    def __repr__(self) -> str:
        return f"Vault({', '.join(f'{kind}: {count}' for kind, count in self._counts.items())})"

    def __len__(self) -> int:
        return len(self._values)

    def put(self, kind: Kind, value: str) -> str:
        """The placeholder of the value."""
        if (known := self._placeholders.get((kind, value))) is not None:
            return known
        number = self._counts[kind] = self._counts.get(kind, 0) + 1
        self._values[kind, number] = value
        made = self._placeholders[kind, value] = placeholder(kind, number)
        return made

    def restore(self, text: str) -> str:
        return TOLERATED.sub(self._value, text) if self._values else text

    def restore_message(self, message: AIMessage) -> AIMessage:
        """With the values in its text, its parts and the arguments of its tool calls."""
        if not self._values:
            return message
        calls = [{**call, "args": self.restore_all(call["args"])} for call in message.tool_calls]
        invalid = [{**call, "args": self.restore_all(call["args"])} for call in message.invalid_tool_calls]
        changed = {
            "content": self.restore_all(message.content),
            "tool_calls": calls,
            "invalid_tool_calls": invalid,
            "additional_kwargs": self.restore_all(message.additional_kwargs),
        }
        if self.unknown:
            seen = {"unknown_placeholders": list(dict.fromkeys(self.unknown))}
            changed["response_metadata"] = {**message.response_metadata, **seen}
        return message.model_copy(update=changed)

    def restore_all(self, value: Any) -> Any:
        """Of JSON-like data: its strings and its keys."""
        return each_string(value, self.restore)

    def stream(self) -> Restorer:
        return Restorer(self, frozenset(self._counts))

    def _value(self, match: re.Match[str]) -> str:
        value = self._values.get(named(match))
        if value is None:
            self.unknown.append(match[0])
            return match[0]
        return value


class Restorer:
    """Restores a text that comes in pieces, holding back only what may yet become a placeholder."""

    def __init__(self, vault: Vault, kinds: frozenset[Kind]) -> None:
        self._vault = vault
        self._unfinished = _unfinished(kinds) if kinds else None
        self._before = ""  # the last character that was let go: a placeholder without brackets begins a word
        self._held = ""

    def feed(self, text: str) -> str:
        """What can be said now."""
        if self._unfinished is None:
            return text
        known = self._before + self._held + text
        begun = self._unfinished.search(known, max(len(self._before), len(known) - _LONGEST))
        cut = begun.start() if begun else len(known)
        said = self._restored(known[:cut])
        self._held = known[cut:]
        self._before = known[cut - 1 : cut] or self._before
        return said

    def end(self) -> str:
        """What was held back when nothing more comes."""
        said = self._restored(self._before + self._held)
        self._before = self._held = ""
        return said

    def _restored(self, known: str) -> str:
        """Without the character that only says where words begin."""
        skipped = len(self._before)
        out, place = [], skipped
        for match in TOLERATED.finditer(known, skipped):
            out += [known[place : match.start()], self._vault._value(match)]
            place = match.end()
        return "".join([*out, known[place:]])


def each_string(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {each_string(key, change): each_string(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [each_string(item, change) for item in value]
    return value
