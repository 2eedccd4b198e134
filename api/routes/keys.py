"""API keys: what machines come in with."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.deps import Asker, Serving
from api.schemas.base import Items
from api.schemas.credentials import KeyIn, KeyMade, KeyOut
from graphs.runtime.people.keys import NewKey

router = APIRouter(prefix="/keys", tags=["users"])


@router.get("", response_model=Items[KeyOut], summary="List one's API keys")
async def list_keys(services: Serving, asker: Asker, user_id: str | None = None) -> dict[str, Any]:
    """With `user_id` another's: that needs user:manage."""
    return {"items": await services.entrance.keys(asker.tenant).of(user_id, asker)}


@router.post("", status_code=201, response_model=KeyMade, summary="Make an API key")
async def add_key(body: KeyIn, services: Serving, asker: Asker) -> dict[str, Any]:
    """Nobody gives it rights that they have not."""
    new = NewKey(body.name, body.roles, body.user_id, body.expires_at)
    key, secret = await services.entrance.keys(asker.tenant).add(new, asker)
    return {**key.model_dump(), "key": secret}


@router.delete("/{key_id}", status_code=204, summary="Take an API key back")
async def remove_key(key_id: str, services: Serving, asker: Asker) -> None:
    await services.entrance.keys(asker.tenant).remove(key_id, asker)
