"""Users: who may come in and do what; and everybody's own account."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.deps import Asker, Serving
from api.schemas.base import Id, Items
from api.schemas.users import (
    CodeIn,
    MeOut,
    OwnPasswordIn,
    PasswordIn,
    SecondFactorOut,
    UserChange,
    UserIn,
    UserOut,
)
from graphs.runtime.errors import Forbidden
from graphs.runtime.people.rights import Person
from graphs.runtime.people.second import Begun
from graphs.runtime.people.users import NewUser, Users
from memory.models import User

router = APIRouter(tags=["users"])


async def tenant_of(
    asker: Asker,
    tenant: Annotated[
        Id | None, Query(description="another tenant, made when it is new: by the one token only")
    ] = None,
) -> str:
    """Errors: Forbidden for whoever names another tenant than their own."""
    if tenant not in (None, asker.tenant) and not asker.is_owner:
        raise Forbidden("only the installation's own token manages other tenants")
    return tenant or asker.tenant


async def users_of(services: Serving, tenant: Annotated[str, Depends(tenant_of)]) -> Users:
    return services.entrance.users(tenant)


Realm = Annotated[str, Depends(tenant_of)]
Managed = Annotated[Users, Depends(users_of)]


@router.get("/me", response_model=MeOut, summary="Who am I, and what may I do?")
async def me(asker: Asker) -> Person:
    return asker


@router.put("/me/password", status_code=204, summary="Change one's password")
async def change_own_password(body: OwnPasswordIn, services: Serving, asker: Asker) -> None:
    """All one's sessions end, this one too."""
    users = services.entrance.users(asker.tenant)
    await users.change_own_password(asker, body.old, body.password)


@router.post("/me/totp", response_model=SecondFactorOut, summary="Begin a second factor")
async def begin_second(services: Serving, asker: Asker) -> Begun:
    """It is asked for when a first code has been confirmed."""
    return await services.entrance.second.begin(asker)


@router.put("/me/totp", status_code=204, summary="Confirm the second factor by a first code")
async def confirm_second(body: CodeIn, services: Serving, asker: Asker) -> None:
    await services.entrance.second.confirm(asker, body.code)


@router.post("/me/totp/end", status_code=204, summary="End the second factor by a last code")
async def end_second(body: CodeIn, services: Serving, asker: Asker) -> None:
    await services.entrance.second.end(asker, body.code)


@router.get("/users", response_model=Items[UserOut], summary="List users")
async def list_users(users: Managed) -> dict[str, Any]:
    return {"items": await users.all()}


@router.post("/users", status_code=201, response_model=UserOut, summary="Add a user")
async def add_user(body: UserIn, services: Serving, users: Managed, tenant: Realm, asker: Asker) -> User:
    new = NewUser(body.login, body.name or body.login, body.roles, body.lang, body.password)
    user = await users.add(new, asker)
    await services.of(tenant).assistants.ensure(services.engine.graphs)
    return user


@router.patch("/users/{user_id}", response_model=UserOut, summary="Change or disable a user")
async def change_user(user_id: str, body: UserChange, users: Managed, asker: Asker) -> User:
    return await users.change(user_id, body.model_dump(exclude_unset=True), asker)


@router.put("/users/{user_id}/password", status_code=204, summary="Give a user a new password")
async def set_password(user_id: str, body: PasswordIn, users: Managed, asker: Asker) -> None:
    await users.set_password(user_id, body.password, asker)
