"""What LangGraph's clients send to start a run, and how a run is told to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from api.schemas.base import Id
from graphs.runtime.options import Multitask, StreamMode
from memory.models import Run, RunStatus

from .schemas import CheckpointIn, Json, _whole

WireStatus = Literal["pending", "running", "error", "success", "timeout", "interrupted"]

# A run that waits for a person has ended for LangGraph's clients: it is the thread that waits.
STATUSES: Mapping[str, Sequence[RunStatus]] = {
    "pending": (RunStatus.QUEUED,),
    "running": (RunStatus.RUNNING,),
    "success": (RunStatus.WAITING, RunStatus.DONE),
    "error": (RunStatus.FAILED, RunStatus.DEAD),
    "timeout": (RunStatus.FAILED,),
    "interrupted": (RunStatus.CANCELLED,),
}
_TEN_YEARS_S = 315_360_000


def _listed(value: Any) -> Any:
    """One name or several, none for null."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


def _nodes(value: Any) -> Any:
    return value if value == "*" else _listed(value)


def _paired(value: Any) -> Any:
    """An update may come as a list of (key, value) pairs."""
    return dict(value) if isinstance(value, list) else value


Names = Annotated[list[str], BeforeValidator(_listed)]
Nodes = Annotated[Literal["*"] | list[str], BeforeValidator(_nodes)]
Values = Annotated[dict[str, Any], AfterValidator(_whole)]


class CommandIn(BaseModel):
    """resume: the answer to the thread's question, or {interrupt id: answer}."""

    resume: Any = None
    update: Annotated[Values | None, BeforeValidator(_paired)] = None
    goto: Names = []

    @model_validator(mode="after")
    def _holds_text(self) -> Self:
        _whole({"resume": self.resume})
        return self


class How(BaseModel):
    """How a run is run. Frames are kept whether or not a stream is called resumable, states at every step
    whatever durability is asked for."""

    config: Json = {}
    context: Json = {}
    metadata: Json = {}
    stream_mode: Annotated[list[StreamMode], BeforeValidator(_listed)] = []
    stream_subgraphs: bool = False
    interrupt_before: Nodes = []
    interrupt_after: Nodes = []
    webhook: str | None = None


class RunIn(How):
    assistant_id: str
    thread_id: Id | None = None
    input: Values | None = None
    command: CommandIn | None = None
    checkpoint: CheckpointIn | None = None
    checkpoint_id: str | None = None
    multitask_strategy: Multitask = "reject"
    if_not_exists: Literal["create", "reject"] = "reject"
    on_disconnect: Literal["cancel", "continue"] = "continue"
    on_completion: Literal["delete", "keep"] = "delete"
    after_seconds: Annotated[float, Field(ge=0, le=_TEN_YEARS_S)] | None = None

    @model_validator(mode="after")
    def _one_beginning(self) -> Self:
        # agent-chat-ui sends an empty input beside a person's answer.
        if self.input and self.command is not None:
            raise ValueError("send an input or a command, not both")
        return self


class BulkCancel(BaseModel):
    """These runs (of a thread), or all that stand so."""

    thread_id: str | None = None
    run_ids: Annotated[list[str], Field(max_length=1000)] | None = None
    status: Literal["pending", "running", "all"] | None = None

    @model_validator(mode="after")
    def _names_some(self) -> Self:
        if not (self.run_ids or self.thread_id or self.status):
            raise ValueError("name run_ids, a thread_id or a status")
        return self


Action = Literal["interrupt", "rollback"]


def status_of(run: Run) -> str:
    """One of WireStatus."""
    if run.status == RunStatus.FAILED:
        return "timeout" if error_of(run)["error"] == "TimeoutError" else "error"
    return next(name for name, held in STATUSES.items() if run.status in held)


def error_of(run: Run) -> dict[str, str]:
    """{error, message} of a run that failed: its error is told as `Type: message`."""
    kind, found, message = (run.error or "").partition(": ")
    return {"error": kind, "message": message} if found else {"error": "Error", "message": kind}


def shown(run: Run, assistant_id: str | None) -> dict[str, Any]:
    """A run as clients know it; `assistant_id` is that of its graph's own assistant."""
    return {
        "run_id": run.id,
        "thread_id": run.thread_id,
        "assistant_id": run.assistant_id or assistant_id,
        "created_at": run.created_at,
        "updated_at": run.finished_at or run.started_at or run.created_at,
        "status": status_of(run),
        "metadata": run.meta,
        "multitask_strategy": run.options.get("multitask", "reject"),
        "kwargs": _kwargs(run),
    }


def _kwargs(run: Run) -> dict[str, Any]:
    options = run.options
    command = {"resume": run.resume, "update": options.get("update"), "goto": options.get("goto")}
    given = {name: value for name, value in command.items() if value is not None}
    return {
        "input": run.input or None,
        "command": given or None,
        "config": options.get("config", {}),
        "context": options.get("context", {}),
        "stream_mode": options.get("stream", []),
        "stream_subgraphs": options.get("subgraphs", False),
        "interrupt_before": options.get("interrupt_before"),
        "interrupt_after": options.get("interrupt_after"),
        "checkpoint_id": options.get("checkpoint_id"),
        "webhook": options.get("webhook"),
    }
