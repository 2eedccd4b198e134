"""Any value of a graph's state as JSON."""

from __future__ import annotations

import dataclasses
from typing import Any

from langgraph.types import Interrupt
from pydantic_core import to_json


def encode(value: Any) -> bytes:
    """JSON bytes; what JSON has no form for is told by its text."""
    return to_json(value, fallback=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Interrupt):
        return {"value": value.value, "id": value.id}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if isinstance(value, BaseException):
        return {"error": type(value).__name__, "message": str(value)}
    return str(value)
