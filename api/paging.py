"""Keyset cursors: where a page ended, as opaque base64url text that only we read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from graphs.runtime.errors import BadRequest

P = TypeVar("P")
T = TypeVar("T")


def encode(position: object) -> str:
    """The cursor of a position: a dataclass, a tuple or a text."""
    return base64.urlsafe_b64encode(to_json(position)).rstrip(b"=").decode()


def decode(cursor: str | None, kind: type[P]) -> P | None:
    """The position that `encode` made into this cursor. Errors: BadRequest for any other text."""
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return TypeAdapter(kind).validate_json(text, strict=True)
    except (binascii.Error, ValueError, ValidationError) as error:
        raise BadRequest("the cursor is not one that a page gave: start from the first page") from error


def cut(rows: Sequence[T], limit: int, position: Callable[[T], object]) -> dict[str, Any]:
    """{items, next} of rows that were asked for with `limit + 1`: the one too many says there is more."""
    more = len(rows) > limit
    return {"items": rows[:limit], "next": encode(position(rows[limit - 1])) if more else None}
