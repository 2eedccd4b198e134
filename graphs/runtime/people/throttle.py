"""How often a password may be tried: by one address for one login, for a login, by an address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from graphs.runtime.errors import TooMany
from memory import attempts
from memory.db import TenantSession
from memory.models import LoginAttempt

from .means import Means

WINDOW = timedelta(minutes=15)
# A login has more tries in all than any one address has for it: nobody locks another one out alone.
BOTH, OF_ADDRESS, OF_LOGIN = 10, 50, 100


class Throttle:
    """The default tenant keeps the attempts for all."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._memory = means.memory()

    async def trying(self, login: str, address: str) -> None:
        """Count a try before it is looked at, so that many at once are counted too. Errors: TooMany."""
        id, now = self._means.new_id(), self._means.clock()
        attempt = LoginAttempt(id=id, login=login[:64], address=address[:64], at=now)
        await self._memory.write(_count, attempt)

    async def passed(self, login: str, address: str) -> None:
        await self._memory.write(attempts.forget, login[:64], address[:64])


def _count(session: TenantSession, attempt: LoginAttempt) -> None:
    past = attempts.since(session, attempt.login, attempt.address, attempt.at - WINDOW)
    login = [one for one in past if one.login == attempt.login]
    address = [one for one in past if one.address == attempt.address]
    both = [one for one in login if one.address == attempt.address]
    waits = [_wait(*limit, attempt.at) for limit in ((both, BOTH), (address, OF_ADDRESS), (login, OF_LOGIN))]
    if longest := max(waits):
        raise TooMany("attempts to sign in", longest)
    attempts.add(session, attempt)


def _wait(past: Sequence[LoginAttempt], most: int, now: datetime) -> int:
    """Seconds until fewer than `most` are in the window; the oldest come first."""
    if len(past) < most:
        return 0
    return max(1, int((past[-most].at + WINDOW - now).total_seconds()))
