"""The second factor: a secret in an app, kept sealed, in force once a first code of it was right."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from graphs.runtime.errors import Conflict, NotSignedIn
from memory import people
from memory.db import TenantSession
from memory.models import User

from . import totp
from .means import Means
from .rights import Person
from .sealing import OtherSecret


@dataclass(frozen=True)
class Begun:
    """What the app is told; address: as a QR code."""

    secret: str
    address: str


class SecondFactor:
    def __init__(self, means: Means) -> None:
        self._means = means

    async def begin(self, person: Person) -> Begun:
        """A new secret; it is not asked for before `confirm`. Errors: Conflict when one is in force."""
        secret = totp.secret_of(hashlib.sha256(self._means.new_secret().encode()).digest())
        await self._means.memory(person.tenant).write(self._keep, person, self._means.seal.seal(secret))
        return Begun(secret, totp.address(secret, person.login))

    async def confirm(self, person: Person, given: str) -> None:
        """From now on it is asked for. Errors: NotSignedIn: the code is not right; Conflict: none begun."""
        await self._means.memory(person.tenant).write(self._confirm, person, given)

    async def end(self, person: Person, given: str) -> None:
        """It is asked for no more. Errors: NotSignedIn: the code is not right; Conflict: there is none."""
        await self._means.memory(person.tenant).write(self._end, person, given)

    async def check(self, user: User, given: str) -> None:
        """Errors: NotSignedIn when a second factor is in force and this is not it, or was used before."""
        if user.totp_step is not None:
            await self._means.memory(user.tenant_id).write(self._use, user.id, given)

    def _keep(self, session: TenantSession, person: Person, sealed: str) -> None:
        if _of(session, person).totp_step is not None:
            raise Conflict("a second factor is in force: end it first")
        people.change(session, person.id or "", totp=sealed)

    def _confirm(self, session: TenantSession, person: Person, given: str) -> None:
        user = _of(session, person)
        if user.totp is None or user.totp_step is not None:
            raise Conflict("there is no new second factor to confirm")
        people.change(session, user.id, totp_step=self._step(user, given))
        self._means.note(session, person.actor, "user.totp_begin", "user", user.id)

    def _end(self, session: TenantSession, person: Person, given: str) -> None:
        user = _of(session, person)
        if user.totp_step is None:
            raise Conflict("there is no second factor")
        self._use(session, user.id, given)
        people.change(session, user.id, totp=None, totp_step=None)
        self._means.note(session, person.actor, "user.totp_end", "user", user.id)

    def _use(self, session: TenantSession, user_id: str, given: str) -> None:
        user = people.get(session, user_id)
        assert user is not None
        step = self._step(user, given)
        # A compare-and-set: of two who send one code at once, one comes in.
        if user.totp_step is None or not people.advance(session, user, step):
            raise _wrong()

    def _step(self, user: User, given: str) -> int:
        try:
            secret = self._means.seal.open(user.totp or "")
        except OtherSecret as error:
            raise NotSignedIn("the second factor was sealed with another ARTEL_SECRET") from error
        step = totp.step_that_fits(secret, given.strip(), self._means.clock())
        if step is None:
            raise _wrong()
        return step


def _of(session: TenantSession, person: Person) -> User:
    """Errors: Conflict for who has no account."""
    user = people.get(session, person.id or "")
    if user is None:
        raise Conflict("the installation's own token has no second factor")
    return user


def _wrong() -> NotSignedIn:
    return NotSignedIn("the code from the app is not right, or was used: send `code`")
