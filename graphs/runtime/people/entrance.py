"""All that is about coming in, put together once for a process, and for a tenant what is a tenant's."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from graphs.runtime.settings import Settings
from graphs.runtime.token import secret_of
from memory.db import Database

from .door import Door
from .invitations import Invitations
from .keys import Keys
from .limits import ApprovalLimits
from .means import Means
from .oidc import Client, Oidc
from .passwords import Passwords
from .sealing import Seal
from .second import SecondFactor
from .sessions import Sessions
from .signing import Signing
from .throttle import Throttle
from .tokens import LASTS_AT_MOST, Tokens
from .users import Users


@dataclass(frozen=True)
class Entrance:
    means: Means
    door: Door
    sessions: Sessions
    second: SecondFactor
    tokens: Tokens
    invitations: Invitations
    oidc: Oidc | None
    monotonic: Callable[[], float]

    def users(self, tenant: str) -> Users:
        return Users(self.means, tenant)

    def keys(self, tenant: str) -> Keys:
        return Keys(self.means, tenant)

    def limits(self, tenant: str) -> ApprovalLimits:
        return ApprovalLimits(self.means, tenant)

    def forget(self) -> None:
        """What is about people has changed, here or in another process: nothing that we know may hold."""
        self.door.forget()
        self.tokens.signing.forget()


def open_entrance(
    settings: Settings,
    database: Database,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    new_secret: Callable[[], str],
) -> Entrance:
    means = Means(database, Seal(secret_of(settings)), Passwords(), clock, new_id, new_secret)
    tokens = Tokens(means, Signing(means, LASTS_AT_MOST))
    second = SecondFactor(means)
    return Entrance(
        means,
        Door(means, tokens, time.monotonic),
        Sessions(means, Throttle(means), second, timedelta(hours=settings.session_h)),
        second,
        tokens,
        Invitations(means),
        _oidc(settings, means),
        time.monotonic,
    )


def _oidc(settings: Settings, means: Means) -> Oidc | None:
    if not settings.oidc_issuer:
        return None
    client = Client(settings.oidc_issuer.rstrip("/"), settings.oidc_client, settings.oidc_secret)
    return Oidc(means, client)
