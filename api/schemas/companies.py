"""Companies: what is known of them, and where each field came from."""

from __future__ import annotations

from .base import Row


class CompanyLine(Row):
    id: str
    name: str
