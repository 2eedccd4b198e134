"""Limits: up to which amount people and roles approve."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from api.deps import Asker, Serving
from api.routes.users import Realm
from api.schemas.base import Items
from api.schemas.limits import LimitIn, LimitOut
from graphs.runtime.people.limits import ApprovalLimits
from memory.models import ApprovalLimit

router = APIRouter(prefix="/limits", tags=["users"])

Subject = Annotated[str, Path(max_length=80, description="`person:<login>` or `role:<role>`")]


async def limits_of(services: Serving, tenant: Realm) -> ApprovalLimits:
    return services.entrance.limits(tenant)


Managed = Annotated[ApprovalLimits, Depends(limits_of)]


@router.get("", response_model=Items[LimitOut], summary="List limits")
async def list_limits(limits: Managed) -> dict[str, Any]:
    return {"items": await limits.all()}


@router.put("/{subject}", response_model=LimitOut, summary="Set a limit")
async def put_limit(subject: Subject, body: LimitIn, limits: Managed, asker: Asker) -> ApprovalLimit:
    """Whose deal is worth more may be looked at and not approved. A person's own limit counts before those
    of their roles."""
    return await limits.put(subject, body.rub, asker)


@router.delete("/{subject}", status_code=204, summary="Take a limit away")
async def remove_limit(subject: Subject, limits: Managed, asker: Asker) -> None:
    await limits.remove(subject, asker)
