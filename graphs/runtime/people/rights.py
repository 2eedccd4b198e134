"""What people may do. A role is a set of permissions; whoever has several roles has all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from agents.context import Lang
from graphs.runtime.errors import Forbidden
from memory.models import DEFAULT_TENANT, Role


class Permission(StrEnum):
    REVIEW_READ = "review:read"
    REVIEW_DECIDE = "review:decide"
    RUN_START = "run:start"
    RUN_CANCEL = "run:cancel"
    SCHEDULE_WRITE = "schedule:write"
    COMPANY_WRITE = "company:write"
    SETTINGS_WRITE = "settings:write"
    USER_MANAGE = "user:manage"
    AUDIT_READ = "audit:read"
    PII_READ = "pii:read"


_VIEWER = frozenset({Permission.REVIEW_READ})
_DEVELOPER = _VIEWER | {Permission.RUN_START, Permission.RUN_CANCEL, Permission.AUDIT_READ}

OF_ROLE: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.ANALYST: _VIEWER | {Permission.REVIEW_DECIDE, Permission.COMPANY_WRITE, Permission.PII_READ},
    Role.DEVELOPER: _DEVELOPER,
    Role.OPERATOR: _DEVELOPER
    | {Permission.SCHEDULE_WRITE, Permission.COMPANY_WRITE, Permission.SETTINGS_WRITE},
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True)
class Person:
    """Who asks. id: the user's; None for whoever holds the installation's own token.

    shown: the digest of what they came in with; csrf: what forms of a session have to send back, None for
    who came in without a cookie.
    """

    id: str | None
    login: str
    name: str
    tenant: str
    roles: tuple[Role, ...]
    permissions: frozenset[Permission]
    lang: Lang
    shown: str = ""
    csrf: str | None = None

    @property
    def actor(self) -> str:
        """As the audit knows them."""
        return f"person:{self.login}"

    @property
    def is_owner(self) -> bool:
        """Whether they hold the installation's own token."""
        return self.id is None

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def must(self, *permissions: Permission) -> None:
        """Errors: Forbidden without one of them."""
        for permission in permissions:
            if permission not in self.permissions:
                raise Forbidden.of(permission)


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    return frozenset().union(*(OF_ROLE[role] for role in roles))


def owner(lang: Lang) -> Person:
    """Whoever holds the installation's own token: an admin of the default tenant."""
    every = permissions_of([Role.ADMIN])
    return Person(None, "owner", "owner", DEFAULT_TENANT, (Role.ADMIN,), every, lang)
