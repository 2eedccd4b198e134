"""Tokens of a short life for machines: JWT by RS256, revoked by their `jti`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from jwt.exceptions import InvalidTokenError
from pydantic import BaseModel, ValidationError

from graphs.runtime.errors import Conflict
from memory import credentials
from memory.db import Memory
from memory.models import RevokedToken

from .rights import Person
from .signing import ALGORITHM, Signing

ISSUER = "artel"
LASTS_AT_MOST = timedelta(days=1)


class Claims(BaseModel):
    """What a token says. scope: the permissions, with spaces between them, that it gives at most."""

    sub: str
    jti: str
    exp: int
    scope: str


@dataclass(frozen=True)
class Issued:
    token: str
    jti: str
    expires_at: datetime


class Tokens:
    def __init__(self, signing: Signing, clock: Callable[[], datetime], new_id: Callable[[], str]) -> None:
        self.signing = signing
        self._clock = clock
        self._new_id = new_id

    async def issue(self, person: Person, lasts: timedelta) -> Issued:
        """A token that may what the person may, for so long. Errors: Conflict for the token's holder."""
        if person.id is None:
            raise Conflict("the installation's own token stands for no user: sign in as one first")
        signer, now = await self.signing.signer(), self._clock()
        ends, jti = now + min(lasts, LASTS_AT_MOST), self._new_id()
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": ISSUER,
            "sub": person.id,
            "tenant": person.tenant,
            "scope": " ".join(sorted(person.permissions)),
            "jti": jti,
            "iat": int(now.timestamp()),
            "exp": int(ends.timestamp()),
        }
        token = jwt.encode(claims, signer.private, ALGORITHM, headers={"kid": signer.kid})
        return Issued(token, jti, datetime.fromtimestamp(claims["exp"], ends.tzinfo))

    async def claims(self, token: str) -> Claims | None:
        """What the token says, if we have signed it and its time has not passed."""
        try:
            public = await self.signing.public(str(jwt.get_unverified_header(token).get("kid")))
            if public is None:
                return None
            claims = Claims.model_validate(_verified(token, public))
        except (InvalidTokenError, ValidationError):
            return None
        return claims if claims.exp > self._clock().timestamp() else None

    async def revoke(self, memory: Memory, jti: str) -> None:
        """From now on it is good for none of the users of `memory`'s tenant."""
        now = self._clock()
        await memory.write(credentials.revoke, RevokedToken(id=jti, expires_at=now + LASTS_AT_MOST), now)


def _verified(token: str, public: str) -> dict[str, Any]:
    """The time is looked at by our own clock."""
    own_clock = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
    required = ["iss", "aud", "sub", "jti", "exp"]
    options: Any = {**own_clock, "require": required}
    return jwt.decode(token, public, [ALGORITHM], options=options, issuer=ISSUER, audience=ISSUER)
