"""What everything that is about people works with, put together once for a process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from memory import audit
from memory.db import Database, Memory, TenantSession
from memory.models import DEFAULT_TENANT

from .passwords import Passwords
from .sealing import Seal


@dataclass(frozen=True)
class Means:
    database: Database
    seal: Seal
    passwords: Passwords
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    new_secret: Callable[[], str]

    def memory(self, tenant: str = DEFAULT_TENANT) -> Memory:
        """A tenant's. The default one's also for questions about who somebody is, which look at all."""
        return Memory(self.database, tenant)

    def note(
        self,
        session: TenantSession,
        actor: str,
        action: str,
        subject_type: str,
        subject_id: str,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Write down in the audit who did what to whom or what."""
        audit.record(
            session,
            id=self.new_id(),
            actor=actor,
            action=action,
            subject_type=subject_type,
            subject_id=subject_id,
            detail=dict(detail or {}),
            now=self.clock(),
        )
