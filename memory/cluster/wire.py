"""A notice on its way to another process: one line of JSON, `{"from", "topic", "type", "data"}`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, ValidationError

from ..notices import Notice

LIMIT = 7_500
"""Bytes. PostgreSQL takes less than 8,000."""


class _Envelope(BaseModel):
    sender: str = Field(alias="from")
    topic: str
    type: str
    data: dict[str, Any]


def pack(sender: str, notice: Notice) -> str:
    """Errors: ValueError, when it is longer than any process could be told."""
    envelope = _Envelope(**{"from": sender}, topic=notice.topic, type=notice.type, data=notice.data)
    packed = envelope.model_dump_json(by_alias=True)
    if (size := len(packed.encode())) > LIMIT:
        raise ValueError(f"the notice {notice.type} to {notice.topic} is {size} bytes long, over {LIMIT}")
    return packed


def unpack(packed: str | bytes, listener: str) -> Notice | None:
    """None: it is the listener's own, or of a form that only another version of Artel knows."""
    try:
        envelope = _Envelope.model_validate_json(packed)
    except ValidationError:
        return None
    if envelope.sender == listener:
        return None
    return Notice(envelope.topic, envelope.type, envelope.data)
