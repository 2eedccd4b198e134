"""Deals of the embedded CRM."""

from __future__ import annotations

from datetime import datetime

from .base import Row


class DealOut(Row):
    """`key` is the partnership it mirrors."""

    key: str
    title: str
    stage: str
    company: str
    partner: str
    score: float | None
    value_rub: int | None
    note: str
    version: int
    created_at: datetime
    updated_at: datetime
