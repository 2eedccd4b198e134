"""Signing in by another house's account: OpenID Connect's code flow, with PKCE, state and nonce.

Who comes so has an account here already, whose login is their e-mail address there.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from graphs.runtime.errors import NotSignedIn
from memory import people
from memory.models import User

from .means import Means
from .sealing import OtherSecret

# How long somebody may take at the other house.
LASTS_S = 600
TIMEOUT_S = 10
ALGORITHMS = ["RS256", "ES256"]


@dataclass(frozen=True)
class Client:
    """How the other house knows us. issuer: its address, by which its tokens name it."""

    issuer: str
    id: str
    secret: str


@dataclass(frozen=True)
class Journey:
    """What is remembered of somebody, sealed in a cookie, while they are at the other house."""

    state: str
    nonce: str
    verifier: str
    next: str
    until: float


class Oidc:
    def __init__(self, means: Means, client: Client) -> None:
        self._means = means
        self._client = client
        self._seal = means.seal.apart("journey")

    async def begin(self, back: str, next: str) -> tuple[str, str]:
        """(the address to send them to, the cookie that comes back with them). back: where they come back.

        Errors: NotSignedIn when the other house does not answer.
        """
        until, secret = self._means.clock().timestamp() + LASTS_S, self._means.new_secret
        journey = Journey(secret(), secret(), secret(), next, until)
        async with self._session(back) as session:
            known = await _asked(session, f"{self._client.issuer}/.well-known/openid-configuration")
            url, _ = session.create_authorization_url(
                known["authorization_endpoint"],
                state=journey.state,
                code_verifier=journey.verifier,
                nonce=journey.nonce,
            )
        return str(url), self._seal.seal(json.dumps(asdict(journey)))

    async def finish(self, back: str, cookie: str, state: str, code: str) -> tuple[User, str]:
        """The user, and where they wanted to go. Errors: NotSignedIn."""
        journey = self._journey(cookie, state)
        async with self._session(back) as session:
            known = await _asked(session, f"{self._client.issuer}/.well-known/openid-configuration")
            keys = await _asked(session, known["jwks_uri"])
            told = await self._token(session, known["token_endpoint"], code, journey)
        claims = self._verified(told.get("id_token", ""), keys, journey)
        if claims.get("email_verified") is False or not claims.get("email"):
            raise NotSignedIn("the other house does not vouch for an e-mail address")
        user = await self._means.memory().read(people.of_login, str(claims["email"]).lower())
        if user is None or user.disabled_at is not None:
            raise NotSignedIn("there is no account for this e-mail address: ask an administrator")
        return user, journey.next

    def _session(self, back: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._client.id,
            self._client.secret,
            scope="openid email",
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
        )

    def _journey(self, cookie: str, state: str) -> Journey:
        """Errors: NotSignedIn for one that this browser did not begin, or long ago."""
        try:
            journey = Journey(**json.loads(self._seal.open(cookie)))
        except OtherSecret as error:
            raise NotSignedIn("the sign-in was not begun in this browser: begin again") from error
        if journey.state != state or journey.until < self._means.clock().timestamp():
            raise NotSignedIn("the sign-in was not begun in this browser, or too long ago: begin again")
        return journey

    async def _token(
        self, session: AsyncOAuth2Client, url: str, code: str, journey: Journey
    ) -> dict[str, Any]:
        try:
            told: dict[str, Any] = await session.fetch_token(url, code=code, code_verifier=journey.verifier)
        except (OAuthError, httpx.HTTPError, ValueError) as error:
            raise NotSignedIn(f"the other house did not take the code: {error}") from error
        return told

    def _verified(self, token: str, keys: Any, journey: Journey) -> dict[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            now=int(self._means.clock().timestamp()),
            leeway=60,
            iss={"essential": True, "value": self._client.issuer},
            aud={"essential": True, "value": self._client.id},
            nonce={"essential": True, "value": journey.nonce},
            exp={"essential": True},
        )
        try:
            claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            raise NotSignedIn(f"the other house's token is not good: {error}") from error
        return claims


async def _asked(session: AsyncOAuth2Client, url: str) -> dict[str, Any]:
    try:
        answer = await session.request("GET", url, withhold_token=True)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise NotSignedIn(f"the other house does not answer: {error}") from error
    return told
