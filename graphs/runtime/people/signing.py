"""The keys that tokens are signed with: RSA pairs in the database, so that all machines agree on them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from memory import credentials
from memory.db import TenantSession
from memory.models import SigningKey

from .means import Means
from .sealing import OtherSecret

ALGORITHM = "RS256"
BITS = 2048
# One that is older than this signs nothing new.
SIGNS_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Signer:
    kid: str
    private: str


@dataclass
class _Known:
    """publics: by kid; signer: with the time until which it signs."""

    publics: dict[str, str] = field(default_factory=dict)
    signer: tuple[Signer, datetime] | None = None


class Signing:
    """The default tenant's keys sign for all. lasts: how long a token is good at most, and so how long a
    retired key still verifies."""

    def __init__(self, means: Means, lasts: timedelta) -> None:
        self._means = means
        self._memory = means.memory()
        self._lasts = lasts
        self._known = _Known()

    def forget(self) -> None:
        """Look again which keys there are: one may have been retired."""
        self._known = _Known()

    async def signer(self) -> Signer:
        """The newest key that this process can open and that is not too old, else a new one."""
        known, now = self._known, self._means.clock()
        if known.signer is None or now >= known.signer[1]:
            known.signer = await self._found(now) or await self._made(now, credentials.add_signing)
        return known.signer[0]

    async def public(self, kid: str) -> str | None:
        """The PEM of a key that still verifies."""
        known = self._known
        if kid not in known.publics:
            known.publics = {key.id: key.public for key in await self._living()}
        return known.publics.get(kid)

    async def rotate(self) -> str:
        """The kid of a new key; those before it sign nothing new and verify until their tokens have ended."""
        made = await self._made(self._means.clock(), credentials.rotate)
        self._known = _Known(signer=made)
        return made[0].kid

    async def jwks(self) -> dict[str, Any]:
        """The public halves (RFC 7517), for whoever verifies our tokens."""
        return {"keys": [_jwk(key) for key in await self._living()]}

    async def _living(self) -> Sequence[SigningKey]:
        return await self._memory.read(credentials.signings, self._means.clock() - self._lasts)

    async def _found(self, now: datetime) -> tuple[Signer, datetime] | None:
        for key in await self._living():
            until = key.created_at + SIGNS_FOR
            if key.retired_at is None and now < until and (private := self._opened(key)):
                return Signer(key.id, private), until
        return None

    def _opened(self, key: SigningKey) -> str | None:
        """One that another machine's secret has sealed is for that machine."""
        try:
            return self._means.seal.open(key.private)
        except OtherSecret:
            return None

    async def _made(
        self, now: datetime, store: Callable[[TenantSession, SigningKey], None]
    ) -> tuple[Signer, datetime]:
        private, public = await asyncio.to_thread(_pair)
        sealed = self._means.seal.seal(private)
        key = SigningKey(id=self._means.new_id(), private=sealed, public=public, created_at=now)
        await self._memory.write(store, key)
        return Signer(key.id, private), now + SIGNS_FOR


def _pair() -> tuple[str, str]:
    """(private, public) as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def _jwk(key: SigningKey) -> dict[str, Any]:
    public = serialization.load_pem_public_key(key.public.encode())
    assert isinstance(public, rsa.RSAPublicKey)
    told = RSAAlgorithm.to_jwk(public, as_dict=True)
    named = ("kty", "n", "e")
    return {**{name: told[name] for name in named}, "use": "sig", "alg": ALGORITHM, "kid": key.id}
