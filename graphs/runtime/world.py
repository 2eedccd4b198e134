"""The real time and real ids, for whoever puts the parts together; everything else is handed them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from langchain_core.utils.uuid import uuid7


def wall_clock() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    """Sorts by the time at which it was made (RFC 9562, UUIDv7)."""
    return str(uuid7())


def new_secret() -> str:
    """256 bits that nobody guesses, fit for addresses and cookies."""
    return secrets.token_urlsafe(32)
