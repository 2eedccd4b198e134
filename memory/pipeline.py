"""The embedded CRM: a pipeline of deals in our own database, used until a real CRM is connected.

People move deals in it too, so it is written like anybody else's: with the version that was read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from .db import Memory, TenantSession
from .ids import derived
from .models import Deal

FIELDS = ("title", "stage", "company", "partner", "score", "value_rub", "note")


class Stage(StrEnum):
    SUGGESTED = "suggested"
    CONTACTED = "contacted"
    IN_DISCUSSION = "in_discussion"
    WON = "won"
    LOST = "lost"
    REJECTED = "rejected"


class DealChanged(Exception):
    """Somebody changed the deal after it was read: read it again and decide anew."""


class DealUnknown(LookupError):
    """No deal has this key: list the deals to see their keys."""


class DealInvalid(ValueError):
    """The pipeline has no such field or stage; nothing was written."""


class LocalPipeline:
    """The CRM Protocol of agents.context over the table of deals."""

    name = "local"

    def __init__(self, memory: Memory, clock: Callable[[], datetime]) -> None:
        self._memory, self._clock = memory, clock

    async def find(self, key: str) -> dict[str, Any] | None:
        """{key, version, title, stage, company, partner, score, value_rub, note}, or nothing."""
        return await self._memory.read(_look, key)

    async def put(self, key: str, fields: dict[str, Any], *, expected_version: int | None) -> dict[str, Any]:
        """The deal after writing `fields`; expected_version None means that there was no deal.

        What is in the deal already is not written again, so a repeat gives the same version.
        Errors: DealChanged, DealInvalid.
        """
        _check(fields)
        return await self._memory.write(_put, key, fields, expected_version, self._clock())


def list_deals(session: TenantSession, *, stage: Stage | None = None, limit: int = 100) -> list[Deal]:
    """Deals, the last changed first."""
    query = select(Deal).order_by(col(Deal.updated_at).desc(), col(Deal.id)).limit(limit)
    return list(session.exec(query if stage is None else query.where(Deal.stage == stage)))


def move(session: TenantSession, key: str, stage: Stage, now: datetime) -> Deal:
    """What a person does in the pipeline: the deal in another stage. Errors: DealUnknown."""
    deal = _hold(session, key)
    if deal is None:
        raise DealUnknown(f"there is no deal {key}")
    _write(session, deal, {"stage": str(stage)}, now)
    return deal


def _look(session: TenantSession, key: str) -> dict[str, Any] | None:
    deal = deal_of(session, key)
    return None if deal is None else _shown(deal)


def _put(
    session: TenantSession, key: str, fields: dict[str, Any], expected: int | None, now: datetime
) -> dict[str, Any]:
    deal = _hold(session, key)
    if deal is None and expected is None:
        return _shown(_create(session, key, fields, now))
    if deal is not None and all(getattr(deal, name) == value for name, value in fields.items()):
        return _shown(deal)
    if deal is None or deal.version != expected:
        raise _changed(key, expected)
    _write(session, deal, fields, now)
    return _shown(deal)


def _create(session: TenantSession, key: str, fields: dict[str, Any], now: datetime) -> Deal:
    if missing := {"title", "stage", "company", "partner"} - fields.keys():
        raise DealInvalid(f"a new deal needs {', '.join(sorted(missing))}")
    deal = Deal(
        id=derived("deal", session.info["tenant"], key), key=key, created_at=now, updated_at=now, **fields
    )
    try:
        with session.begin_nested():
            session.add(deal)
    except IntegrityError:
        raise _changed(key, None) from None
    return deal


def _write(session: TenantSession, deal: Deal, fields: Mapping[str, Any], now: datetime) -> None:
    for name, value in fields.items():
        setattr(deal, name, value)
    deal.version += 1
    deal.updated_at = now
    session.flush()


def _changed(key: str, expected: int | None) -> DealChanged:
    seen = "it did not exist" if expected is None else f"version {expected}"
    return DealChanged(f"deal {key} was changed by somebody after we read it ({seen})")


def deal_of(session: TenantSession, key: str) -> Deal | None:
    """The pair's deal, as it stands."""
    return session.exec(select(Deal).where(Deal.key == key)).first()


def _hold(session: TenantSession, key: str) -> Deal | None:
    """The deal, which nobody else changes before this transaction ends."""
    return session.exec(select(Deal).where(Deal.key == key).with_for_update()).first()


def _shown(deal: Deal) -> dict[str, Any]:
    return {"key": deal.key, "version": deal.version, **{name: getattr(deal, name) for name in FIELDS}}


def _check(fields: Mapping[str, Any]) -> None:
    if unknown := fields.keys() - set(FIELDS):
        raise DealInvalid(f"a deal has no field {', '.join(sorted(unknown))}; it has {', '.join(FIELDS)}")
    stage = fields.get("stage", Stage.SUGGESTED)
    if stage not in set(Stage):
        raise DealInvalid(f"a deal has no stage {stage!r}; it has {', '.join(Stage)}")
