"""Tokens of a short life, and the keys that verify them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter

from api.deps import Asker, Serving
from api.schemas.credentials import SigningOut, TokenIn, TokenOut
from graphs.runtime.people.rights import Permission
from graphs.runtime.people.tokens import Issued

router = APIRouter(prefix="/tokens", tags=["users"])
well_known = APIRouter(tags=["users"])


@router.post("", status_code=201, response_model=TokenOut, summary="Get a token that may what one may")
async def issue(body: TokenIn, services: Serving, asker: Asker) -> Issued:
    return await services.entrance.tokens.issue(asker, timedelta(seconds=body.lasts_s))


@router.delete("/{jti}", status_code=204, summary="Revoke a token")
async def revoke(jti: str, services: Serving, asker: Asker) -> None:
    """The one that it is asked with; another one needs user:manage."""
    if jti != asker.shown:
        asker.must(Permission.USER_MANAGE)
    await services.entrance.tokens.revoke(asker.tenant, jti)


@router.post("/rotate", response_model=SigningOut, summary="Sign with a new key from now on")
async def rotate(services: Serving) -> dict[str, Any]:
    """The old one verifies until the last token that it signed has ended."""
    return {"kid": await services.entrance.tokens.signing.rotate()}


@well_known.get("/.well-known/jwks.json", summary="The public keys of the tokens (RFC 7517)")
async def jwks(services: Serving) -> dict[str, Any]:
    return await services.entrance.tokens.signing.jwks()
