"""Sessions of browsers: a password opens one, a cookie shows it, signing out ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from graphs.runtime.errors import NotSignedIn
from memory import people
from memory.db import TenantSession
from memory.ids import digest
from memory.models import SignIn, User

from .door import csrf_of, person_of
from .halfway import Waypost
from .means import Means
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
    def __init__(self, means: Means, throttle: Throttle, second: SecondFactor, lasts: timedelta) -> None:
        self._means = means
        self._throttle = throttle
        self._second = second
        self._waypost = Waypost(means)
        self._lasts = lasts

    async def sign_in(self, login: str, password: str, code: str, address: str) -> Opened:
        """Errors: NotSignedIn, whatever of it was wrong; TooMany."""
        await self._throttle.trying(login, address)
        user = await self._means.memory().read(people.of_login, login)
        if not await self._means.passwords.fits(password, user.password if user else None):
            raise NotSignedIn("the login or the password is not right")
        assert user is not None
        if user.disabled_at is not None:
            raise NotSignedIn("the account is disabled: ask an administrator")
        await self._second.check(user, code)
        await self._throttle.passed(login, address)
        return await self.open(user)

    def halfway(self, user: User, next: str) -> str | None:
        """What somebody takes along who has shown who they are elsewhere and owes the code of their second
        factor, on the way to `next`; None when they have none."""
        return None if user.totp_step is None else self._waypost.leave(user, next)

    async def finish(self, halfway: str, code: str, address: str) -> tuple[Opened, str]:
        """The session, and where they wanted to go. Errors: NotSignedIn; TooMany."""
        known = self._waypost.back(halfway)
        user = await self._means.memory(known.tenant).read(people.get, known.user_id)
        if user is None or user.disabled_at is not None:
            raise NotSignedIn("the account is disabled: ask an administrator")
        await self._throttle.trying(user.login, address)
        await self._second.check(user, code)
        await self._throttle.passed(user.login, address)
        return await self.open(user), known.next

    async def open(self, user: User) -> Opened:
        """A session of somebody who has shown who they are."""
        secret, now = self._means.new_secret(), self._means.clock()
        signin = SignIn(id=digest(secret), user_id=user.id, created_at=now, expires_at=now + self._lasts)
        await self._means.memory(user.tenant_id).write(self._open, signin, user)
        return Opened(secret, signin.expires_at, person_of(user, shown=signin.id, csrf=csrf_of(secret)))

    async def sign_out(self, person: Person) -> None:
        await self._means.memory(person.tenant).write(people.sign_out, person.shown)

    def _open(self, session: TenantSession, signin: SignIn, user: User) -> None:
        people.sign_in(session, signin)
        self._means.note(session, f"person:{user.login}", "user.sign_in", "user", user.id)
