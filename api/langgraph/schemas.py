"""What LangGraph's clients send. A field that we do not know is passed over: clients are newer than we."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from langgraph.types import Command, StateUpdate
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from api.schemas.base import Count, Id
from memory import assistants, threads

T = TypeVar("T")


def _whole(value: T) -> T:
    """JSON as the standard has it, of whole characters: databases and clients take nothing else."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise ValueError("holds NaN, an infinity or a text that is not Unicode") from error
    return value


def _or_none(value: Any) -> Any:
    return {} if value is None else value


Json = Annotated[dict[str, Any], AfterValidator(_whole), BeforeValidator(_or_none)]
Limit = Annotated[int, Field(ge=1, le=1000)]
IfExists = Literal["raise", "do_nothing"]
Order = Literal["asc", "desc"]
Label = Annotated[str, Field(max_length=200)]


class Page(BaseModel):
    limit: Limit = 10
    offset: Count = 0
    sort_order: Order | None = None
    select: list[str] | None = None


class AssistantIn(BaseModel):
    graph_id: str
    assistant_id: Id | None = None
    name: Label | None = None
    description: str | None = None
    config: Json = {}
    context: Json = {}
    metadata: Json = {}
    if_exists: IfExists = "raise"


class AssistantPatch(BaseModel):
    """What is left out or null stays as it is."""

    graph_id: str | None = None
    name: Label | None = None
    description: str | None = None
    config: Annotated[dict[str, Any], AfterValidator(_whole)] | None = None
    context: Annotated[dict[str, Any], AfterValidator(_whole)] | None = None
    metadata: Annotated[dict[str, Any], AfterValidator(_whole)] | None = None

    def changes(self) -> dict[str, Any]:
        given = self.model_dump(exclude_none=True)
        return {("graph" if name == "graph_id" else name): value for name, value in given.items()}


class AssistantFilter(BaseModel):
    graph_id: str | None = None
    name: str | None = None
    metadata: Json = {}

    def filter(self) -> assistants.Filter:
        return assistants.Filter(graph=self.graph_id, name=self.name, metadata=self.metadata)


class AssistantSearch(AssistantFilter, Page):
    sort_by: assistants.Sort = "created_at"


class VersionSearch(BaseModel):
    metadata: Json = {}
    limit: Limit = 10
    offset: Count = 0


class VersionChoice(BaseModel):
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]


class Ttl(BaseModel):
    """Minutes after the last change; deleting is the only strategy we have."""

    ttl: Annotated[float, Field(gt=0, le=2**31 / 60 - 1)]
    strategy: Literal["delete"] = "delete"

    def seconds(self) -> int:
        return max(1, round(self.ttl * 60))


def _ttl(value: Any) -> Any:
    return {"ttl": value} if isinstance(value, int | float) else value


TtlIn = Annotated[Ttl, BeforeValidator(_ttl)]


class Update(BaseModel):
    values: dict[str, Any] | list[Any] | None = None
    command: dict[str, Any] | None = None
    as_node: str | None = None

    def update(self) -> StateUpdate:
        values: Any = Command(**self.command) if self.command else self.values
        return StateUpdate(values, self.as_node)


class Superstep(BaseModel):
    updates: Annotated[list[Update], Field(min_length=1)]


class ThreadIn(BaseModel):
    thread_id: Id | None = None
    metadata: Json = {}
    if_exists: IfExists = "raise"
    ttl: TtlIn | None = None
    supersteps: list[Superstep] | None = None


class ThreadPatch(BaseModel):
    metadata: Json = {}
    ttl: TtlIn | None = None


class ThreadFilter(BaseModel):
    ids: list[str] | None = None
    status: Literal["idle", "busy", "interrupted", "error"] | None = None
    metadata: Json = {}
    values: Json = {}

    def filter(self) -> threads.Filter:
        return threads.Filter(self.ids or (), self.status, self.metadata, self.values)


class ThreadSearch(ThreadFilter, Page):
    sort_by: threads.Sort = "updated_at"
    extract: Annotated[dict[str, str], Field(max_length=10)] | None = None


class Pruning(BaseModel):
    thread_ids: Annotated[list[str], Field(max_length=1000)]
    strategy: Literal["delete", "keep_latest"] = "delete"


class CheckpointIn(BaseModel):
    """Which checkpoint; without an id the newest one."""

    thread_id: str | None = None
    checkpoint_ns: str | None = None
    checkpoint_id: str | None = None


def _place(value: Any) -> Any:
    """A checkpoint may also come as the config that names it."""
    return value.get("configurable", value) if isinstance(value, Mapping) else value


class StateAsk(BaseModel):
    checkpoint: CheckpointIn
    subgraphs: bool = False
    select: list[str] | None = None


class StateIn(BaseModel):
    values: dict[str, Any] | list[dict[str, Any]] | None = None
    as_node: str | None = None
    checkpoint: CheckpointIn | None = None
    checkpoint_id: str | None = None


class HistoryAsk(BaseModel):
    limit: Limit = 10
    before: Annotated[str | CheckpointIn | None, BeforeValidator(_place)] = None
    metadata: Json = {}
    checkpoint: CheckpointIn | None = None
    select: list[str] | None = None

    def end(self) -> str | None:
        """The id of the checkpoint before which the history ends."""
        return self.before.checkpoint_id if isinstance(self.before, CheckpointIn) else self.before


class Item(BaseModel):
    namespace: list[str]
    key: Annotated[str, Field(min_length=1, max_length=1000)]


class ItemIn(Item):
    value: Json
    index: Literal[False] | list[str] | None = None
    ttl: Annotated[float, Field(gt=0, le=2**31)] | None = None


class ItemSearch(BaseModel):
    namespace_prefix: list[str] = []
    filter: Json = {}
    limit: Limit = 10
    offset: Count = 0
    query: str | None = None
    refresh_ttl: bool | None = None


class NamespaceSearch(BaseModel):
    prefix: list[str] | None = None
    suffix: list[str] | None = None
    max_depth: Annotated[int, Field(ge=1, le=100)] | None = None
    limit: Limit = 100
    offset: Count = 0


def only(shown: Mapping[str, Any], select: Sequence[str] | None) -> dict[str, Any]:
    """The fields that are asked for; `values.<key>` keeps that of the values alone."""
    if not select:
        return dict(shown)
    inner = {name.partition(".")[2] for name in select if name.startswith("values.")}
    kept = {name: shown[name] for name in select if name in shown}
    if inner and "values" not in kept:
        kept["values"] = {name: value for name, value in shown["values"].items() if name in inner}
    return kept
