"""API keys for machines: told once, kept as a digest, good until they are removed or their time is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graphs.runtime.errors import Conflict, NotFound
from memory import credentials, people
from memory.db import TenantSession
from memory.ids import digest
from memory.models import ApiKey, Role

from .door import KEY_PREFIX
from .means import Means
from .rights import Permission, Person
from .users import check_gives


@dataclass(frozen=True)
class NewKey:
    """user_id: whose it is; None: of whoever asks."""

    name: str
    roles: Sequence[Role]
    user_id: str | None = None
    expires_at: datetime | None = None


class Keys:
    """The keys of a tenant's users. Whoever may not manage users has only their own."""

    def __init__(self, means: Means, tenant: str) -> None:
        self._means = means
        self._memory = means.memory(tenant)

    async def of(self, user_id: str | None, by: Person) -> Sequence[ApiKey]:
        return await self._memory.read(credentials.keys_of, _whose(user_id, by))

    async def add(self, new: NewKey, by: Person) -> tuple[ApiKey, str]:
        """The key, and what is sent by it. Errors: Forbidden; NotFound: the user; Conflict."""
        check_gives(by, new.roles)
        secret = KEY_PREFIX + self._means.new_secret()
        key = ApiKey(
            id=self._means.new_id(),
            user_id=_whose(new.user_id, by),
            name=new.name,
            digest=digest(secret),
            roles=list(new.roles),
            created_at=self._means.clock(),
            expires_at=new.expires_at,
        )
        await self._memory.write(self._add, key, by.actor)
        return key, secret

    async def remove(self, key_id: str, by: Person) -> None:
        """Errors: NotFound, also for another's key."""
        await self._memory.write(self._remove, key_id, by)

    def _add(self, session: TenantSession, key: ApiKey, actor: str) -> None:
        if people.get(session, key.user_id) is None:
            raise NotFound.of("user", key.user_id)
        credentials.add_key(session, key)
        self._note(session, actor, "add", key)

    def _remove(self, session: TenantSession, key_id: str, by: Person) -> None:
        key = credentials.get_key(session, key_id)
        if key is None or not (key.user_id == by.id or by.may(Permission.USER_MANAGE)):
            raise NotFound.of("key", key_id)
        credentials.remove_key(session, key_id)
        self._note(session, by.actor, "remove", key)

    def _note(self, session: TenantSession, actor: str, action: str, key: ApiKey) -> None:
        detail = {"key": key.id, "name": key.name, "roles": key.roles}
        self._means.note(session, actor, f"key.{action}", "user", key.user_id, detail)


def _whose(user_id: str | None, by: Person) -> str:
    """Errors: Forbidden for another's; Conflict when nobody is named and whoever asks is no user."""
    if user_id not in (None, by.id):
        by.must(Permission.USER_MANAGE)
    whose = user_id or by.id
    if whose is None:
        raise Conflict("the installation's own token stands for no user: name one by `user_id`")
    return whose
