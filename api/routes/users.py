"""Users: who may come in and do what; and everybody's own account."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.deps import Asker, Serving
from api.schemas.base import Items
from api.schemas.users import MeOut, OwnPasswordIn, PasswordIn, UserChange, UserIn, UserOut
from graphs.runtime.people.rights import Person
from graphs.runtime.people.users import NewUser
from memory.models import User

router = APIRouter(tags=["users"])


@router.get("/me", response_model=MeOut, summary="Who am I, and what may I do?")
async def me(asker: Asker) -> Person:
    return asker


@router.put("/me/password", status_code=204, summary="Change one's password")
async def change_own_password(body: OwnPasswordIn, services: Serving, asker: Asker) -> None:
    """All one's sessions end, this one too."""
    await services.users.change_own_password(asker, body.old, body.password)


@router.get("/users", response_model=Items[UserOut], summary="List users")
async def list_users(services: Serving) -> dict[str, Any]:
    return {"items": await services.users.all()}


@router.post("/users", status_code=201, response_model=UserOut, summary="Add a user")
async def add_user(body: UserIn, services: Serving, asker: Asker) -> User:
    new = NewUser(body.login, body.name or body.login, body.roles, body.lang, body.password)
    return await services.users.add(new, asker)


@router.patch("/users/{user_id}", response_model=UserOut, summary="Change or disable a user")
async def change_user(user_id: str, body: UserChange, services: Serving, asker: Asker) -> User:
    return await services.users.change(user_id, body.model_dump(exclude_unset=True), asker)


@router.put("/users/{user_id}/password", status_code=204, summary="Give a user a new password")
async def set_password(user_id: str, body: PasswordIn, services: Serving, asker: Asker) -> None:
    await services.users.set_password(user_id, body.password, asker)
