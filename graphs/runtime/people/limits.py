"""Limits: the amount of a deal above which somebody may look and not let go.

A person's own limit counts before those of their roles. Of the roles' the most generous counts, and one that
may decide without a limit has none.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphs.runtime.errors import Conflict, NotFound
from memory import limits, people
from memory.db import TenantSession
from memory.models import ApprovalLimit, Role

from .means import Means
from .rights import OF_ROLE, Permission, Person


class ApprovalLimits:
    """The limits of a tenant's people and roles. A subject is `person:<login>` or `role:<role>`."""

    def __init__(self, means: Means, tenant: str) -> None:
        self._means = means
        self._memory = means.memory(tenant)

    async def all(self) -> Sequence[ApprovalLimit]:
        return await self._memory.read(limits.everybodys)

    async def put(self, subject: str, rub: int, by: Person) -> ApprovalLimit:
        """From now on, in roubles. Errors: NotFound: whose; Conflict for a limit that is one's own."""
        _check_others(subject, by)
        limit = ApprovalLimit(id=self._means.new_id(), subject=subject, rub=rub)
        await self._memory.write(self._put, limit, by.actor)
        return limit

    async def remove(self, subject: str, by: Person) -> None:
        """Errors: NotFound; Conflict for a limit that is one's own."""
        _check_others(subject, by)
        await self._memory.write(self._remove, subject, by.actor)

    def _put(self, session: TenantSession, limit: ApprovalLimit, actor: str) -> None:
        _check_exists(session, limit.subject)
        limits.put(session, limit)
        self._note(session, actor, "put", limit.subject, {"rub": limit.rub})

    def _remove(self, session: TenantSession, subject: str, actor: str) -> None:
        if not limits.remove(session, subject):
            raise NotFound.of("limit", subject)
        self._note(session, actor, "remove", subject, {})

    def _note(
        self, session: TenantSession, actor: str, action: str, subject: str, detail: dict[str, int]
    ) -> None:
        kind, _, name = subject.partition(":")
        self._means.note(session, actor, f"limit.{action}", kind, name, detail)


def limit_of(session: TenantSession, actor: str) -> int | None:
    """Roubles; None for whoever has no limit, and for the holder of the installation's own token."""
    user = people.named(session, actor.removeprefix("person:"))
    if user is None:
        return None
    deciding = [role for role in user.roles if Permission.REVIEW_DECIDE in OF_ROLE[Role(role)]]
    known = limits.of(session, [actor, *(f"role:{role}" for role in deciding)])
    if actor in known:
        return known[actor]
    of_roles = [known[subject] for role in deciding if (subject := f"role:{role}") in known]
    return max(of_roles) if of_roles and len(of_roles) == len(deciding) else None


def _check_others(subject: str, by: Person) -> None:
    if not by.is_owner and subject in (by.actor, *(f"role:{role}" for role in by.roles)):
        raise Conflict("nobody changes the limit that holds for themselves: ask another administrator")


def _check_exists(session: TenantSession, subject: str) -> None:
    kind, _, name = subject.partition(":")
    if not (name in set(Role) if kind == "role" else kind == "person" and people.named(session, name)):
        raise NotFound.of("role or person", subject)
