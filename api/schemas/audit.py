"""Entries of the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .base import Row


class AuditOut(Row):
    """actor: person:<login>, agent:<name> or system; action: such as review.approve."""

    id: str
    actor: str
    action: str
    subject_type: str
    subject_id: str
    detail: dict[str, Any]
    at: datetime
