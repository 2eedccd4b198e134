"""Who somebody is by what they show: looked up once, then known for a moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import cast

from agents.context import Lang
from memory import people
from memory.db import Database, Memory
from memory.ids import digest
from memory.models import Role, User

from .rights import Person, permissions_of

# What was revoked in another process is good here for so long at most; here it ends at once.
KNOWN_S = 2.0
KNOWN_AT_MOST = 10_000


class Door:
    """memory: of the default tenant, whose questions about who somebody is look at all tenants."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], monotonic: Callable[[], float]
    ) -> None:
        self.memory = Memory(database)
        self._database = database
        self._clock = clock
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, Person]] = {}

    def of(self, tenant: str) -> Memory:
        return Memory(self._database, tenant)

    def forget(self) -> None:
        """Somebody's rights have changed: look everybody up again."""
        self._known.clear()

    async def by_cookie(self, secret: str) -> Person | None:
        return await self.known(digest(secret), lambda shown: self._of_signin(shown, secret))

    async def known(self, shown: str, look: Callable[[str], Awaitable[Person | None]]) -> Person | None:
        """Who came in with what has this digest; `look` says it when nobody asked a moment ago."""
        now = self._monotonic()
        until, person = self._known.get(shown, (now, None))
        if person is not None and now < until:
            return person
        if (person := await look(shown)) is not None:
            if len(self._known) >= KNOWN_AT_MOST:
                self._known.clear()
            self._known[shown] = (now + KNOWN_S, person)
        return person

    async def _of_signin(self, shown: str, secret: str) -> Person | None:
        user = await self.memory.read(people.of_signin, shown, self._clock())
        return person_of(user, shown=shown, csrf=csrf_of(secret)) if user else None


def person_of(user: User, *, shown: str, csrf: str | None = None) -> Person:
    roles = tuple(Role(role) for role in user.roles)
    return Person(
        id=user.id,
        login=user.login,
        name=user.name,
        tenant=user.tenant_id,
        roles=roles,
        permissions=permissions_of(roles),
        lang=cast(Lang, user.lang),
        shown=shown,
        csrf=csrf,
    )


def csrf_of(secret: str) -> str:
    """What a page of this session sends back with what it changes. It does not tell the secret."""
    return digest("csrf", secret)
