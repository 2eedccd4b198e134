"""API keys for machines: told once, kept as a digest, good until they are removed or their time is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from graphs.runtime.errors import Conflict, NotFound
from memory import audit, credentials, people
from memory.db import Memory, TenantSession
from memory.ids import digest
from memory.models import ApiKey, Role

from .door import KEY_PREFIX
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
    """The keys of the users of `memory`'s tenant. Whoever may not manage users has only their own."""

    def __init__(
        self,
        memory: Memory,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        new_secret: Callable[[], str],
        forget: Callable[[], None],
    ) -> None:
        self._memory = memory
        self._clock = clock
        self._new_id = new_id
        self._new_secret = new_secret
        self._forget = forget

    async def of(self, user_id: str | None, by: Person) -> Sequence[ApiKey]:
        return await self._memory.read(credentials.keys_of, _whose(user_id, by))

    async def add(self, new: NewKey, by: Person) -> tuple[ApiKey, str]:
        """The key, and what is sent by it. Errors: Forbidden; NotFound: the user; Conflict."""
        check_gives(by, new.roles)
        secret = KEY_PREFIX + self._new_secret()
        key = ApiKey(
            id=self._new_id(),
            user_id=_whose(new.user_id, by),
            name=new.name,
            digest=digest(secret),
            roles=list(new.roles),
            created_at=self._clock(),
            expires_at=new.expires_at,
        )
        await self._memory.write(self._add, key, by.actor)
        return key, secret

    async def remove(self, key_id: str, by: Person) -> None:
        """Errors: NotFound, also for another's key."""
        await self._memory.write(self._remove, key_id, by)
        self._forget()

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
        audit.record(
            session,
            id=self._new_id(),
            actor=actor,
            action=f"key.{action}",
            subject_type="user",
            subject_id=key.user_id,
            detail={"key": key.id, "name": key.name, "roles": key.roles},
            now=self._clock(),
        )


def _whose(user_id: str | None, by: Person) -> str:
    """Errors: Forbidden for another's; Conflict when nobody is named and whoever asks is no user."""
    if user_id not in (None, by.id):
        by.must(Permission.USER_MANAGE)
    whose = user_id or by.id
    if whose is None:
        raise Conflict("the installation's own token stands for no user: name one by `user_id`")
    return whose
