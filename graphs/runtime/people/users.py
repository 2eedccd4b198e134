"""The service of users: add, list, change. Who is disabled or changes a password is signed out at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from graphs.runtime.errors import Conflict, Forbidden, NotFound, NotSignedIn
from memory import desk, people
from memory.db import TenantSession
from memory.models import Role, User

from .means import Means
from .rights import Person, permissions_of


@dataclass(frozen=True)
class NewUser:
    """Without a password nobody can sign in by one: a machine, or somebody who comes by OIDC."""

    login: str
    name: str
    roles: Sequence[Role]
    lang: str = "ru"
    password: str | None = field(default=None, repr=False)


class Users:
    """The users of a tenant."""

    def __init__(self, means: Means, tenant: str) -> None:
        self._means = means
        self._memory = means.memory(tenant)

    async def all(self) -> Sequence[User]:
        return await self._memory.read(people.everybody)

    async def get(self, user_id: str) -> User:
        return await self._memory.read(_existing, user_id)

    async def add(self, new: NewUser, by: Person) -> User:
        """Errors: Conflict for a login that is used; BadRequest; Forbidden to give rights one has not."""
        check_gives(by, new.roles)
        hash = await self._means.passwords.hashed(new.password) if new.password is not None else None
        user = User(
            id=self._means.new_id(),
            login=new.login,
            name=new.name,
            roles=list(new.roles),
            lang=new.lang,
            password=hash,
            created_at=self._means.clock(),
        )
        await self._memory.write(self._add, user, by.actor)
        return user

    async def change(self, user_id: str, changes: dict[str, Any], by: Person) -> User:
        """Of {name, roles, lang, disabled}. Errors: NotFound; Forbidden; Conflict to lock oneself out."""
        if "roles" in changes:
            check_gives(by, changes["roles"])
        if user_id == by.id and changes.keys() & {"roles", "disabled"}:
            raise Conflict("nobody changes their own rights: ask another administrator")
        await self._memory.write(self._change, user_id, changes, by.actor)
        return await self.get(user_id)

    async def set_password(self, user_id: str, password: str, by: Person) -> None:
        """They are signed out everywhere. Errors: NotFound; BadRequest."""
        hash = await self._means.passwords.hashed(password)
        await self._memory.write(self._set_password, user_id, hash, by.actor)

    async def change_own_password(self, person: Person, old: str, new: str) -> None:
        """Errors: NotSignedIn when `old` is not right; BadRequest; NotFound for who has no account."""
        if person.id is None:
            raise NotFound("the installation's own token has no password")
        if not await self._means.passwords.fits(old, (await self.get(person.id)).password):
            raise NotSignedIn("the old password is not right")
        await self.set_password(person.id, new, person)

    def _add(self, session: TenantSession, user: User, actor: str) -> None:
        people.ensure_tenant(session, self._memory.tenant)
        if not people.add(session, user):
            raise Conflict(f"there is a user {user.login!r} already")
        self._note(session, actor, "add", user.id, {"login": user.login, "roles": user.roles})

    def _change(self, session: TenantSession, user_id: str, changes: dict[str, Any], actor: str) -> None:
        login = _existing(session, user_id).login
        if not changes:
            return
        values = dict(changes)
        disabled = values.pop("disabled", None)
        if disabled is not None:
            values["disabled_at"] = self._means.clock() if disabled else None
        if disabled:
            people.sign_out_everywhere(session, user_id)
            desk.release_all(session, f"person:{login}")
        people.change(session, user_id, **values)
        self._note(session, actor, "disable" if disabled else "change", user_id, changes)

    def _set_password(self, session: TenantSession, user_id: str, hash: str, actor: str) -> None:
        _existing(session, user_id)
        people.change(session, user_id, password=hash)
        people.sign_out_everywhere(session, user_id)
        self._note(session, actor, "password", user_id, {})

    def _note(self, session: TenantSession, actor: str, action: str, id: str, detail: dict[str, Any]) -> None:
        self._means.note(session, actor, f"user.{action}", "user", id, detail)


def check_gives(by: Person, roles: Sequence[Role]) -> None:
    """Nobody gives more than they have. Errors: Forbidden."""
    if missing := permissions_of(roles) - by.permissions:
        raise Forbidden(f"nobody gives rights that they have not: {', '.join(sorted(missing))}")


def _existing(session: TenantSession, user_id: str) -> User:
    if (user := people.get(session, user_id)) is None:
        raise NotFound.of("user", user_id)
    return user
