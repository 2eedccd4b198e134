"""Answers that carry any value of a graph's state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from graphs.runtime.encoding import encode

__all__ = ["answer", "encode"]


def answer(value: Any, *, headers: Mapping[str, str] | None = None) -> Response:
    return Response(encode(value), headers=dict(headers or {}), media_type="application/json")
