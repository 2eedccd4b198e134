"""Ids: new ones sort by creation, derived ones are the same for the same parts."""

from __future__ import annotations

import hashlib
import uuid

_NAMESPACE = uuid.UUID("6f1d1a52-6c1a-4a6e-9b0e-a27e1a7e1a7e")


def derived(*parts: str) -> str:
    """A UUIDv5 of the parts: whoever repeats a step after a crash makes the same row again, not a second."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))


def digest(*parts: str) -> str:
    """Hex SHA-256 of the parts, kept apart by a separator that text does not hold."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
