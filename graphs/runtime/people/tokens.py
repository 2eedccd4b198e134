"""Tokens of a short life for machines: JWT by RS256, revoked by their `jti`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from jwt.exceptions import InvalidTokenError
from pydantic import BaseModel, ValidationError

from graphs.runtime.errors import Conflict
from memory import credentials
from memory.models import RevokedToken

from .means import Means
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
    def __init__(self, means: Means, signing: Signing) -> None:
        self.signing = signing
        self._means = means

    async def issue(self, person: Person, lasts: timedelta) -> Issued:
        """A token that may what the person may, for so long. Errors: Conflict for the token's holder."""
        if person.id is None:
            raise Conflict("the installation's own token stands for no user: sign in as one first")
        signer, now = await self.signing.signer(), self._means.clock()
        ends, jti = now + min(lasts, LASTS_AT_MOST), self._means.new_id()
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
        return claims if claims.exp > self._means.clock().timestamp() else None

    async def revoke(self, tenant: str, jti: str) -> None:
        """From now on it is good for none of the tenant's users."""
        now = self._means.clock()
        revoked = RevokedToken(id=jti, expires_at=now + LASTS_AT_MOST)
        await self._means.memory(tenant).write(credentials.revoke, revoked, now)


def _verified(token: str, public: str) -> dict[str, Any]:
    """The time is looked at by our own clock."""
    own_clock = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
    required = ["iss", "aud", "sub", "jti", "exp"]
    options: Any = {**own_clock, "require": required}
    return jwt.decode(token, public, [ALGORITHM], options=options, issuer=ISSUER, audience=ISSUER)
