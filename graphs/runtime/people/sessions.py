"""Sessions of browsers: a password opens one, a cookie shows it, signing out ends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from graphs.runtime.errors import NotSignedIn
from memory import audit, people
from memory.db import TenantSession
from memory.ids import digest
from memory.models import SignIn, User

from .door import Door, csrf_of, person_of
from .passwords import Passwords
from .rights import Person
from .second import SecondFactor
from .throttle import Throttle


@dataclass(frozen=True)
class Opened:
    """A new session: the cookie's secret, which nobody else ever sees again, and when it ends."""

    secret: str
    expires_at: datetime
    person: Person


class Sessions:
    def __init__(
        self,
        door: Door,
        passwords: Passwords,
        throttle: Throttle,
        second: SecondFactor,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        new_secret: Callable[[], str],
        lasts: timedelta,
    ) -> None:
        self._door = door
        self._passwords = passwords
        self._throttle = throttle
        self._second = second
        self._clock = clock
        self._new_id = new_id
        self._new_secret = new_secret
        self._lasts = lasts

    async def sign_in(self, login: str, password: str, code: str, address: str) -> Opened:
        """Errors: NotSignedIn, whatever of it was wrong; TooMany."""
        await self._throttle.trying(login, address)
        user = await self._door.memory.read(people.of_login, login)
        if not await self._passwords.fits(password, user.password if user else None):
            raise NotSignedIn("the login or the password is not right")
        assert user is not None
        if user.disabled_at is not None:
            raise NotSignedIn("the account is disabled: ask an administrator")
        await self._second.check(user, code)
        await self._throttle.passed(login, address)
        return await self.open(user)

    async def open(self, user: User) -> Opened:
        """A session of somebody who has shown who they are."""
        secret, now = self._new_secret(), self._clock()
        signin = SignIn(id=digest(secret), user_id=user.id, created_at=now, expires_at=now + self._lasts)
        await self._door.of(user.tenant_id).write(self._open, signin, user)
        return Opened(secret, signin.expires_at, person_of(user, shown=signin.id, csrf=csrf_of(secret)))

    async def sign_out(self, person: Person) -> None:
        await self._door.of(person.tenant).write(people.sign_out, person.shown)
        self._door.forget()

    def _open(self, session: TenantSession, signin: SignIn, user: User) -> None:
        people.sign_in(session, signin)
        audit.record(
            session,
            id=self._new_id(),
            actor=f"person:{user.login}",
            action="user.sign_in",
            subject_type="user",
            subject_id=user.id,
            detail={},
            now=signin.created_at,
        )
