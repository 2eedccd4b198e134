"""Who somebody is by what they show: looked up once, then known for a moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import cast

from agents.context import Lang
from memory import credentials, people
from memory.ids import digest
from memory.models import Role, User

from .means import Means
from .rights import Person, permissions_of
from .tokens import Tokens

# A change is heard of at once, from other processes too; while they cannot be heard, it is known so late.
KNOWN_S = 2.0
KNOWN_AT_MOST = 10_000
KEY_PREFIX = "artel_"


class Door:
    def __init__(self, means: Means, tokens: Tokens, monotonic: Callable[[], float]) -> None:
        self._means = means
        self._memory = means.memory()
        self._tokens = tokens
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, Person]] = {}

    def forget(self) -> None:
        """Somebody's rights have changed: look everybody up again, also whom we are just looking up."""
        self._known = {}

    async def by_cookie(self, secret: str) -> Person | None:
        return await self._recognised(secret, self._of_signin)

    async def by_bearer(self, secret: str) -> Person | None:
        """Of an API key or a token."""
        look = self._of_key if secret.startswith(KEY_PREFIX) else self._of_token
        return await self._recognised(secret, look)

    async def _recognised(
        self, secret: str, look: Callable[[str, str], Awaitable[Person | None]]
    ) -> Person | None:
        """`look` is asked with the secret and its digest, unless it was a moment ago."""
        known, now, shown = self._known, self._monotonic(), digest(secret)
        until, person = known.get(shown, (now, None))
        if person is not None and now < until:
            return person
        if (person := await look(secret, shown)) is not None:
            if len(known) >= KNOWN_AT_MOST:
                known.clear()
            # If all was forgotten meanwhile, so is this: it may have been read before the change.
            known[shown] = (now + KNOWN_S, person)
        return person

    async def _of_signin(self, secret: str, shown: str) -> Person | None:
        user = await self._memory.read(people.of_signin, shown, self._means.clock())
        return person_of(user, shown=shown, csrf=csrf_of(secret)) if user else None

    async def _of_key(self, secret: str, shown: str) -> Person | None:
        found = await self._memory.read(credentials.of_key, shown, self._means.clock())
        if found is None:
            return None
        user, roles = found
        return person_of(user, shown=shown, within=permissions_of(Role(role) for role in roles))

    async def _of_token(self, secret: str, shown: str) -> Person | None:
        claims = await self._tokens.claims(secret)
        if claims is None:
            return None
        user = await self._memory.read(credentials.of_token, claims.sub, claims.jti)
        return person_of(user, shown=claims.jti, within=claims.scope.split()) if user else None


def person_of(
    user: User, *, shown: str, csrf: str | None = None, within: Collection[str] | None = None
) -> Person:
    """The user, with none but the permissions `within`, if those are said."""
    roles = tuple(Role(role) for role in user.roles)
    permissions = permissions_of(roles)
    if within is not None:
        permissions = frozenset(it for it in permissions if it in within)
    return Person(
        id=user.id,
        login=user.login,
        name=user.name,
        tenant=user.tenant_id,
        roles=roles,
        permissions=permissions,
        lang=cast(Lang, user.lang),
        shown=shown,
        csrf=csrf,
    )


def csrf_of(secret: str) -> str:
    """What a page of this session sends back with what it changes. It does not tell the secret."""
    return digest("csrf", secret)
