"""Decisions: our own form, and LangChain's batched form, which is read into ours."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypedDict

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator, with_config

from .base import Body, Text
from .reviews import DecisionOut

Version = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="the draft version that was read; approve and edit name it")
]
Reason = Literal["not_a_fit", "in_crm", "competitor", "weak_text", "wrong_data", "other"]


@with_config(ConfigDict(extra="allow"))
class Args(TypedDict, total=False):
    """Changed arguments of the action: a letter's texts, or what another question asks about."""

    subject: Text
    body: Text


class EditedAction(Body):
    name: str
    args: Args


class Approve(Body):
    type: Literal["approve"]
    version: Version | None = None


class Edit(Body):
    """A letter's new `subject` and `body`, or `args` of another action; LangChain sends `edited_action`."""

    type: Literal["edit"]
    version: Version | None = None
    subject: Text | None = None
    body: Text | None = None
    args: Args = Field(default_factory=Args)
    edited_action: EditedAction | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.changes():
            raise ValueError("an edit sends a subject, a body or args; to leave all as it is, approve")
        return self

    def changes(self) -> dict[str, Any]:
        texts = {"subject": self.subject, "body": self.body}
        action = self.edited_action.args if self.edited_action else {}
        return {**action, **self.args, **{name: text for name, text in texts.items() if text is not None}}


class Reject(Body):
    type: Literal["reject"]
    version: Version | None = None
    reason: Reason
    message: Text | None = None


class Respond(Body):
    """Ask for a rewrite: `message` says what should change."""

    type: Literal["respond"]
    version: Version | None = None
    message: Text


class Decided(BaseModel):
    """The recorded decision, and the run in which the thread goes on."""

    decision: DecisionOut
    run_id: str


def _unbatched(value: Any) -> Any:
    """`{decisions: [decision], version?}` as the one decision that a review, asking about one action, takes."""
    if not isinstance(value, dict) or "decisions" not in value:
        return value
    match value["decisions"]:
        case [dict() as decision]:
            reason = {"reason": "other"} if decision.get("type") == "reject" else {}
            return {
                **reason,
                **{name: given for name, given in value.items() if name != "decisions"},
                **decision,
            }
        case _:
            raise ValueError("a review asks about one action: send a list of one decision")


DecisionIn = Annotated[
    Annotated[Approve | Edit | Reject | Respond, Field(discriminator="type")], BeforeValidator(_unbatched)
]

EXAMPLES: dict[str, Any] = {
    "approve": {"value": {"type": "approve", "version": 1}},
    "edit": {"value": {"type": "edit", "version": 1, "subject": "Тема", "body": "Текст письма"}},
    "reject": {"value": {"type": "reject", "reason": "competitor", "message": "Они делают то же самое"}},
    "respond": {"value": {"type": "respond", "message": "Короче и без вступления"}},
    "batched": {"value": {"decisions": [{"type": "approve"}], "version": 1}},
}
