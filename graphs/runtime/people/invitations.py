"""Invitations: a link by which one person makes an account with the rights that the inviter chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from graphs.runtime.errors import Conflict, NotFound
from memory import invitations, people
from memory.db import TenantSession
from memory.ids import digest
from memory.models import Invitation, Role, User

from .means import Means
from .rights import Person
from .users import check_gives

LASTS = timedelta(days=7)


@dataclass(frozen=True)
class Accepted:
    """What the invited person fills in."""

    secret: str = field(repr=False)
    login: str
    name: str
    password: str = field(repr=False)
    lang: str = "ru"


class Invitations:
    def __init__(self, means: Means) -> None:
        self._means = means

    async def invite(self, tenant: str, roles: Sequence[Role], by: Person) -> tuple[str, datetime]:
        """The link's secret, which is told only now, and when it ends. Errors: Forbidden."""
        check_gives(by, roles)
        secret, invitation = self._made(roles, by.actor)
        await self._means.memory(tenant).write(self._add, invitation)
        return secret, invitation.expires_at

    async def first(self, tenant: str) -> str | None:
        """The secret for the first administrator, if there is nobody and no other link that is good."""
        secret, invitation = self._made([Role.ADMIN], "system")
        return secret if await self._means.memory(tenant).write(self._add_first, invitation) else None

    async def accept(self, given: Accepted) -> User:
        """The new user. Errors: NotFound for a link that is used or over; Conflict: the login; BadRequest."""
        shown, now = digest(given.secret), self._means.clock()
        invitation = await self._means.memory().read(invitations.of_secret, shown, now)
        if invitation is None:
            raise _over()
        user = User(
            id=self._means.new_id(),
            tenant_id=invitation.tenant_id,
            login=given.login,
            name=given.name,
            roles=invitation.roles,
            lang=given.lang,
            password=await self._means.passwords.hashed(given.password),
            created_at=now,
        )
        await self._means.memory(invitation.tenant_id).write(self._accept, invitation, user)
        return user

    def _made(self, roles: Sequence[Role], actor: str) -> tuple[str, Invitation]:
        secret, now = self._means.new_secret(), self._means.clock()
        ends = now + LASTS
        return secret, Invitation(
            id=digest(secret), roles=list(roles), actor=actor, created_at=now, expires_at=ends
        )

    def _add(self, session: TenantSession, invitation: Invitation) -> None:
        people.ensure_tenant(session, session.info["tenant"])
        invitations.add(session, invitation)
        self._note(session, invitation.actor, "add", invitation, {"roles": invitation.roles})

    def _add_first(self, session: TenantSession, invitation: Invitation) -> bool:
        if not invitations.is_needed(session, invitation.created_at):
            return False
        self._add(session, invitation)
        return True

    def _accept(self, session: TenantSession, invitation: Invitation, user: User) -> None:
        if not invitations.use(session, invitation.id, user.created_at):
            raise _over()
        if not people.add(session, user):
            raise Conflict(f"there is a user {user.login!r} already: choose another login")
        self._note(session, f"person:{user.login}", "accept", invitation, {"user": user.id})

    def _note(
        self, session: TenantSession, actor: str, action: str, about: Invitation, detail: dict[str, object]
    ) -> None:
        self._means.note(session, actor, f"invitation.{action}", "invitation", about.id, detail)


def _over() -> NotFound:
    return NotFound("the invitation was used or its time is over: ask for another one")
