"""What is told in a transaction is heard once it is committed, and never when it is rolled back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .db import TenantSession


@dataclass(frozen=True)
class Notice:
    """topic: `run/<id>`, `thread/<id>`, `reviews/<tenant>`, `queue`, `schedules`, `deliveries`, `people`;
    data: JSON of under 7 kB."""

    topic: str
    type: str
    data: dict[str, Any] = field(default_factory=dict)


def tell(session: TenantSession, notice: Notice) -> None:
    session.info.setdefault("told", []).append(notice)
