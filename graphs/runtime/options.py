"""How a run is run, beside its graph and input: stored with the run, so that any worker can go on with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.context import Context, Lang, Style

StreamMode = Literal[
    "values",
    "updates",
    "messages",
    "messages-tuple",
    "custom",
    "debug",
    "tasks",
    "checkpoints",
    "tools",
    "events",
]
Multitask = Literal["reject", "enqueue", "interrupt", "rollback"]


class Overrides(BaseModel):
    """What of the operator's policy a run may set otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lang: Lang | None = None
    style: Style | None = None
    threshold: float | None = Field(None, ge=0, le=1)
    shortlist: int | None = Field(None, ge=1, le=10_000)

    def over(self, context: Context) -> Context:
        changed = self.model_dump(exclude_none=True)
        return replace(context, policy=replace(context.policy, **changed)) if changed else context


class Options(BaseModel):
    """stream: what of the run is kept as frames; update, goto: LangGraph's `Command` beside an answer;
    checkpoint_id: where the thread is forked; time_limit_s: seconds of one execution; keep_thread: else the
    thread goes when the run has ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    config: dict[str, Any] = Field(default_factory=dict)
    context: Overrides = Overrides()
    stream: tuple[StreamMode, ...] = ()
    subgraphs: bool = False
    interrupt_before: Literal["*"] | tuple[str, ...] = ()
    interrupt_after: Literal["*"] | tuple[str, ...] = ()
    checkpoint_id: str | None = None
    update: dict[str, Any] | None = None
    goto: str | tuple[str, ...] | None = None
    webhook: str | None = None
    time_limit_s: float | None = Field(None, gt=0)
    multitask: Multitask = "reject"
    keep_thread: bool = True

    def onward(self) -> Options:
        """Of a run that goes on after this one: where this one began is not where that one does."""
        return self.model_copy(update={"checkpoint_id": None, "update": None, "goto": None})

    def stored(self) -> dict[str, Any]:
        """Only what differs from the defaults: most runs store nothing."""
        return self.model_dump(mode="json", exclude_defaults=True)
