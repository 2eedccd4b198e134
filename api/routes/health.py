"""Whether the process lives, and whether it can work."""

from __future__ import annotations

from fastapi import APIRouter
from sqlmodel import select

from api.deps import Serving
from memory.db import TenantSession
from memory.models import Tenant

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Does the process live?")
async def healthz() -> dict[str, str]:
    return {"status": "alive"}


@router.get("/readyz", summary="Does the database answer?")
async def readyz(services: Serving) -> dict[str, str]:
    """503 when it does not."""
    await services.memory.read(_probe)
    return {"status": "ready"}


def _probe(session: TenantSession) -> None:
    session.exec(select(Tenant.id).limit(1)).first()
