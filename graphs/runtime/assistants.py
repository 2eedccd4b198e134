"""The service of assistants: graphs with settings of their own, in versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from memory import assistants
from memory.assistants import Filter, Sort, default_id
from memory.db import TenantSession
from memory.models import Assistant, AssistantVersion

from .engine import Graph
from .errors import BadRequest, Conflict, NotFound
from .options import Overrides
from .thread_states import Host, graph_of, note


class Config(BaseModel):
    """What of LangGraph's config a run uses. `configurable` is the older name of the context."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tags: list[str] = []
    recursion_limit: int | None = Field(None, ge=1, le=2**31 - 1)
    metadata: dict[str, Any] = {}
    configurable: Overrides = Overrides()


@dataclass(frozen=True)
class NewAssistant:
    graph: str
    id: str | None = None
    name: str | None = None
    description: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)


class AssistantService:
    """Wherever an assistant's id is asked for, a graph's name stands for the graph's own assistant."""

    def __init__(self, engine: Host) -> None:
        self._engine = engine
        self._memory = engine.memory

    async def ensure(self, graphs: Iterable[str]) -> None:
        """Each graph has an assistant of its own from the start."""
        await self._memory.write(self._ensure, tuple(graphs))

    async def get(self, assistant_id: str) -> Assistant:
        return await self._memory.read(self.found, assistant_id)

    async def graph(self, assistant_id: str) -> Graph:
        """The graph that the assistant runs."""
        return graph_of(self._engine, (await self.get(assistant_id)).graph)

    async def create(self, new: NewAssistant, actor: str, *, exist_ok: bool = False) -> Assistant:
        """Errors: NotFound for an unknown graph; Conflict when the id is taken; BadRequest."""
        graph_of(self._engine, new.graph)
        config, context = settled(new.config, new.context)
        now = self._engine.clock()
        assistant = Assistant(
            id=new.id or self._engine.new_id(),
            graph=new.graph,
            name=new.name or new.graph,
            description=new.description,
            config=config,
            context=context,
            meta=dict(new.metadata),
            created_at=now,
            updated_at=now,
        )
        return await self._memory.write(self._add, assistant, actor, exist_ok)

    async def update(self, assistant_id: str, changes: Mapping[str, Any], actor: str) -> Assistant:
        """A new version with these of {graph, name, description, config, context, metadata}.

        Metadata is added to, the others are replaced. Errors: NotFound; BadRequest; Conflict.
        """
        if "graph" in changes:
            graph_of(self._engine, changes["graph"])
        return await self._memory.write(self._update, assistant_id, changes, actor)

    async def delete(self, assistant_id: str, actor: str) -> None:
        """With its versions. Errors: NotFound; Conflict for a graph's own, and when a schedule needs it."""
        await self._memory.write(self._delete, assistant_id, actor)

    async def deletable(self, assistant_id: str) -> str:
        """The assistant's id. Errors: those of `delete`."""
        return (await self._memory.read(self._deletable, assistant_id)).id

    async def search(
        self, filter: Filter, *, sort: Sort, descending: bool, limit: int, offset: int
    ) -> tuple[Sequence[Assistant], int]:
        """One page, and how many there are on all pages."""
        order = {"sort": sort, "descending": descending}
        return await self._memory.read(_page, filter, order, limit, offset)

    async def count(self, filter: Filter) -> int:
        return await self._memory.read(assistants.count, filter)

    async def versions(
        self, assistant_id: str, *, metadata: Mapping[str, Any], limit: int, offset: int
    ) -> Sequence[AssistantVersion]:
        """The newest first."""
        id = (await self.get(assistant_id)).id
        return await self._memory.read(assistants.versions, id, metadata=metadata, limit=limit, offset=offset)

    async def use(self, assistant_id: str, version: int, actor: str) -> Assistant:
        """Take an earlier version into use. Errors: NotFound: the assistant, or the version."""
        return await self._memory.write(self._use, assistant_id, version, actor)

    def found(self, session: TenantSession, assistant_id: str) -> Assistant:
        """The assistant of this id, or the own one of the graph of this name. Errors: NotFound."""
        return _existing(assistants.get(session, self._id(assistant_id)), assistant_id)

    def _locked(self, session: TenantSession, assistant_id: str) -> Assistant:
        return _existing(assistants.lock(session, self._id(assistant_id)), assistant_id)

    def _id(self, name: str) -> str:
        return default_id(name, self._memory.tenant) if name in self._engine.graphs else name

    def _ensure(self, session: TenantSession, graphs: Sequence[str]) -> None:
        now = self._engine.clock()
        for graph in graphs:
            told: dict[str, Any] = {"graph": graph, "name": graph, "meta": {"created_by": "system"}}
            own = default_id(graph, self._memory.tenant)
            assistants.add(session, Assistant(id=own, **told, created_at=now, updated_at=now))

    def _add(self, session: TenantSession, assistant: Assistant, actor: str, exist_ok: bool) -> Assistant:
        if assistant.id in self._engine.graphs:
            raise BadRequest(f"{assistant.id!r} is the name of a graph: take another id")
        if assistants.add(session, assistant):
            detail = {"graph": assistant.graph}
            note(self._engine, session, actor, "assistant.create", assistant.id, detail)
            return assistant
        if exist_ok and (found := assistants.get(session, assistant.id)):
            return found
        raise Conflict(
            f"there is an assistant {assistant.id!r} already: take another id, or if_exists=do_nothing"
        )

    def _update(
        self, session: TenantSession, assistant_id: str, changes: Mapping[str, Any], actor: str
    ) -> Assistant:
        assistant = self._locked(session, assistant_id)
        if (
            assistant.id == default_id(assistant.graph, assistant.tenant_id)
            and changes.get("graph", assistant.graph) != assistant.graph
        ):
            raise Conflict(f"{assistant_id!r} is its graph's own assistant: make another for another graph")
        values = dict(changes)
        if "metadata" in values:
            values["meta"] = {**assistant.meta, **values.pop("metadata")}
        if "config" in values or "context" in values:
            values["config"], values["context"] = _changed(assistant, values)
        revised = assistants.revise(session, assistant, values, self._engine.clock())
        note(self._engine, session, actor, "assistant.update", assistant.id, {"version": revised.version})
        return revised

    def _use(self, session: TenantSession, assistant_id: str, version: int, actor: str) -> Assistant:
        assistant = self._locked(session, assistant_id)
        if (kept := assistants.version(session, assistant.id, version)) is None:
            raise NotFound(f"assistant {assistant_id!r} has no version {version}")
        note(self._engine, session, actor, "assistant.use", assistant.id, {"version": version})
        return assistants.use(session, assistant, kept, self._engine.clock())

    def _delete(self, session: TenantSession, assistant_id: str, actor: str) -> None:
        assistant = self._deletable(session, assistant_id)
        assistants.remove(session, assistant.id)
        note(self._engine, session, actor, "assistant.delete", assistant.id, {"graph": assistant.graph})

    def _deletable(self, session: TenantSession, assistant_id: str) -> Assistant:
        assistant = self._locked(session, assistant_id)
        if assistant.id == default_id(assistant.graph, assistant.tenant_id):
            raise Conflict(f"{assistant_id!r} is its graph's own assistant: it stays")
        if schedule := assistants.schedule_of(session, assistant.id):
            raise Conflict(f"schedule {schedule.name!r} starts it: delete the schedule first")
        return assistant


def settled(config: Mapping[str, Any], context: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Config and context as a run uses them. Errors: BadRequest with the key that no run knows."""
    told = checked(Config, config, "config")
    older = told.pop("configurable", {})
    return told, {**older, **checked(Overrides, context, "context")}


def checked(model: type[BaseModel], value: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What of `value` differs from the model's defaults. Errors: BadRequest naming each wrong key."""
    if not value:
        return {}
    try:
        return model.model_validate(dict(value)).model_dump(mode="json", exclude_defaults=True)
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, (name, *one['loc'])))}: {one['msg']}" for one in error.errors())
        raise BadRequest("; ".join(wrong)) from error


def _changed(assistant: Assistant, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return settled(values.get("config", assistant.config), values.get("context", assistant.context))


def _existing(assistant: Assistant | None, asked: str) -> Assistant:
    if assistant is None:
        raise NotFound.of("assistant", asked)
    return assistant


def _page(
    session: TenantSession, filter: Filter, order: dict[str, Any], limit: int, offset: int
) -> tuple[Sequence[Assistant], int]:
    found = assistants.search(session, filter, **order, limit=limit, offset=offset)
    return found, assistants.count(session, filter)
