"""Runs: what to start and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from .base import Body, Id, Json, Line, Row


class RunIn(Body):
    """What to run: a graph, or an assistant, which is a graph with settings of its own. A `key` that was used
    before answers with the run that used it."""

    graph: Line | None = None
    assistant_id: Id | None = None
    input: Json = Field(default_factory=dict)
    key: Annotated[Line | None, Field(description="idempotency key: the same key never runs twice")] = None
    thread_id: Annotated[Id | None, Field(description="a thread to go on with; a new one without it")] = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.graph is None) == (self.assistant_id is None):
            raise ValueError("name a graph or an assistant_id, not both")
        return self


class RunLine(Row):
    """A run in a list."""

    id: str
    thread_id: str
    graph: str
    assistant_id: str | None
    status: str
    trigger: str
    key: str | None
    parent_id: str | None
    attempts: int
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class RunOut(RunLine):
    """A run with what went in and what came out."""

    input: dict[str, Any]
    result: dict[str, Any]


class EffectOut(Row):
    """Something of the run's thread that the outside world can see."""

    key: str
    kind: str
    status: str
    attempts: int
    result: dict[str, Any]
    error: str | None
    created_at: datetime
    done_at: datetime | None
