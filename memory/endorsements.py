"""First approvals of letters that two people approve. Every function takes a session first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from .db import TenantSession
from .desk import announce
from .ids import derived
from .models import Endorsement, Review
from .rows import find_all, insert_missing


class Shown(Protocol):
    """A review, or its row of the list."""

    @property
    def id(self) -> str: ...
    @property
    def draft_version(self) -> int | None: ...


def endorse(session: TenantSession, review: Review, version: int, actor: str, now: datetime) -> bool:
    """Say that the person has read this version and would let it go; False when they had said so before."""
    id = derived("endorsement", session.info["tenant"], review.id, actor, str(version))
    told = {"review_id": review.id, "actor": actor, "version": version, "created_at": now}
    new = bool(insert_missing(session, Endorsement, [{"id": id, **told}]))
    if new:
        announce(session, review.id, "changed")
    return new


def of(session: TenantSession, shown: Sequence[Shown]) -> dict[str, list[str]]:
    """Who has endorsed the version that each of these reviews shows."""
    versions = {one.id: one.draft_version for one in shown}
    found: dict[str, list[str]] = {}
    given = find_all(session, Endorsement, {"review_id": tuple(versions)}) if versions else []
    for one in sorted(given, key=lambda it: it.id):
        if versions[one.review_id] == one.version:
            found.setdefault(one.review_id, []).append(one.actor)
    return found
