"""Assistants in the database: the version in use, and what each version was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, delete, func
from sqlmodel import col, select

from .containing import contains
from .db import TenantSession
from .ids import derived
from .models import DEFAULT_TENANT, Assistant, AssistantVersion, Schedule
from .rows import find, insert_missing

Sort = Literal["assistant_id", "graph_id", "name", "created_at", "updated_at"]

# What a version keeps of its assistant.
VERSIONED = ("graph", "name", "description", "config", "context", "meta")

_SORTED_BY: Mapping[Sort, Any] = {
    "assistant_id": col(Assistant.id),
    "graph_id": col(Assistant.graph),
    "name": col(Assistant.name),
    "created_at": col(Assistant.created_at),
    "updated_at": col(Assistant.updated_at),
}


@dataclass(frozen=True)
class Filter:
    """What to look for: each field that is set narrows it; `name` is a part of the name in any case."""

    graph: str | None = None
    name: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


def default_id(graph: str, tenant: str) -> str:
    """The id of the assistant that the graph has from the start, for each tenant another."""
    return derived("assistant", graph) if tenant == DEFAULT_TENANT else derived("assistant", tenant, graph)


def get(session: TenantSession, assistant_id: str) -> Assistant | None:
    return find(session, Assistant, {"id": assistant_id})


def lock(session: TenantSession, assistant_id: str) -> Assistant | None:
    """The assistant as it stands now; it is nobody else's to change until the transaction ends."""
    return session.exec(select(Assistant).where(Assistant.id == assistant_id).with_for_update()).first()


def add(session: TenantSession, assistant: Assistant) -> bool:
    """With its first version. False when the id is taken; then nothing is changed."""
    if insert_missing(session, Assistant, [assistant.model_dump()]) == 0:
        return False
    _keep(session, assistant, assistant.created_at)
    return True


def revise(
    session: TenantSession, assistant: Assistant, values: Mapping[str, Any], now: datetime
) -> Assistant:
    """A new version with these values, which is then the one in use."""
    newest = select(func.max(AssistantVersion.version)).where(AssistantVersion.assistant_id == assistant.id)
    version = (session.exec(newest).one() or 0) + 1
    assistant.sqlmodel_update({**values, "version": version, "updated_at": now})
    session.flush()
    _keep(session, assistant, now)
    return assistant


def use(session: TenantSession, assistant: Assistant, kept: AssistantVersion, now: datetime) -> Assistant:
    """Take this version into use again."""
    values = {name: getattr(kept, name) for name in VERSIONED}
    assistant.sqlmodel_update({**values, "version": kept.version, "updated_at": now})
    session.flush()
    return assistant


def version(session: TenantSession, assistant_id: str, number: int) -> AssistantVersion | None:
    which = (AssistantVersion.assistant_id == assistant_id, AssistantVersion.version == number)
    return session.exec(select(AssistantVersion).where(*which)).first()


def versions(
    session: TenantSession, assistant_id: str, *, metadata: Mapping[str, Any], limit: int, offset: int
) -> Sequence[AssistantVersion]:
    """The newest first."""
    query = select(AssistantVersion).where(AssistantVersion.assistant_id == assistant_id)
    if metadata:
        query = query.where(contains(session, col(AssistantVersion.meta), metadata))
    newest = col(AssistantVersion.version).desc()
    return session.exec(query.order_by(newest).limit(limit).offset(offset)).all()


def remove(session: TenantSession, assistant_id: str) -> None:
    session.execute(delete(AssistantVersion).where(col(AssistantVersion.assistant_id) == assistant_id))
    session.execute(delete(Assistant).where(col(Assistant.id) == assistant_id))


def schedule_of(session: TenantSession, assistant_id: str) -> Schedule | None:
    """A schedule that starts the assistant."""
    return session.exec(select(Schedule).where(Schedule.assistant_id == assistant_id)).first()


def search(
    session: TenantSession, filter: Filter, *, sort: Sort, descending: bool, limit: int, offset: int
) -> Sequence[Assistant]:
    by = (_SORTED_BY[sort], col(Assistant.id))
    order = [column.desc() if descending else column.asc() for column in by]
    query = select(Assistant).where(*_conditions(session, filter))
    return session.exec(query.order_by(*order).limit(limit).offset(offset)).all()


def count(session: TenantSession, filter: Filter) -> int:
    query = select(func.count()).select_from(Assistant).where(*_conditions(session, filter))
    return session.exec(query).one()


def _conditions(session: TenantSession, filter: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filter.graph:
        conditions.append(col(Assistant.graph) == filter.graph)
    if filter.name:
        conditions.append(col(Assistant.name).icontains(filter.name, autoescape=True))
    if filter.metadata:
        conditions.append(contains(session, col(Assistant.meta), filter.metadata))
    return conditions


def _keep(session: TenantSession, assistant: Assistant, now: datetime) -> None:
    kept = {name: getattr(assistant, name) for name in VERSIONED}
    row = AssistantVersion(
        id=derived("assistant-version", assistant.id, str(assistant.version)),
        assistant_id=assistant.id,
        version=assistant.version,
        created_at=now,
        **kept,
    )
    insert_missing(session, AssistantVersion, [row.model_dump()])
