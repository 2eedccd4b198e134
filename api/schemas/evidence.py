"""Evidence: what a claim stands on."""

from __future__ import annotations

from datetime import datetime

from .base import Row


class EvidenceOut(Row):
    """A quoted span of a source, with the page and the time it was read."""

    id: str
    quote: str
    url: str | None
    source_title: str | None
    fetched_at: datetime
