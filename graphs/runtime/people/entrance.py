"""All that is about coming in, put together once for a process, and for a tenant what is a tenant's."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from graphs.runtime.settings import Settings
from graphs.runtime.token import secret_of
from memory.db import Database, Memory

from .door import Door
from .invitations import Invitations
from .keys import Keys
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
    door: Door
    sessions: Sessions
    second: SecondFactor
    tokens: Tokens
    invitations: Invitations
    oidc: Oidc | None
    passwords: Passwords
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    new_secret: Callable[[], str]
    monotonic: Callable[[], float]

    def users(self, tenant: str) -> Users:
        memory = self.door.of(tenant)
        return Users(memory, self.passwords, self.clock, self.new_id, self.door.forget)

    def keys(self, tenant: str) -> Keys:
        memory = self.door.of(tenant)
        return Keys(memory, self.clock, self.new_id, self.new_secret, self.door.forget)


def open_entrance(
    settings: Settings,
    database: Database,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    new_secret: Callable[[], str],
) -> Entrance:
    seal = Seal(secret_of(settings))
    tokens = Tokens(Signing(Memory(database), seal, clock, new_id, LASTS_AT_MOST), clock, new_id)
    door, passwords = Door(database, tokens, clock, time.monotonic), Passwords()
    lasts = timedelta(hours=settings.session_h)
    throttle = Throttle(door.memory, clock, new_id)
    second = SecondFactor(door, seal, clock, new_id, new_secret)
    sessions = Sessions(door, passwords, throttle, second, clock, new_id, new_secret, lasts)
    invitations = Invitations(door, passwords, clock, new_id, new_secret)
    oidc = _oidc(settings, door, seal, clock, new_secret)
    services = (door, sessions, second, tokens, invitations, oidc, passwords)
    return Entrance(*services, clock, new_id, new_secret, time.monotonic)


def _oidc(
    settings: Settings,
    door: Door,
    seal: Seal,
    clock: Callable[[], datetime],
    new_secret: Callable[[], str],
) -> Oidc | None:
    if not settings.oidc_issuer:
        return None
    client = Client(settings.oidc_issuer.rstrip("/"), settings.oidc_client, settings.oidc_secret)
    return Oidc(client, door, seal, clock, new_secret)
