"""Any value of a graph's state as JSON."""

from __future__ import annotations

import json
from typing import Any

from langgraph.types import Interrupt
from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python


def encode(value: Any) -> bytes:
    """JSON in UTF-8. Messages, dataclasses and models become objects, sets lists, times ISO 8601, bytes
    base64, NaN null; what JSON has no form for is told by its text, half a character by a question mark."""
    known = _known(value)
    try:
        return to_json(known, fallback=_text, inf_nan_mode="null", bytes_mode="base64")
    except PydanticSerializationError:
        plain = to_jsonable_python(known, fallback=_text, inf_nan_mode="null", bytes_mode="base64")
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def storable(value: Any) -> Any:
    """The value as a JSON column keeps it."""
    return json.loads(encode(value))


def _known(value: Any) -> Any:
    """With every question as clients know it: pydantic would also tell its empty response schema."""
    if isinstance(value, Interrupt):
        return {"value": _known(value.value), "id": value.id}
    if isinstance(value, dict):
        return {key: _known(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_known(inner) for inner in value]
    return value


def _text(value: Any) -> Any:
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    return str(value)
