"""Decisions: our own form, and LangChain's batched form, which is read into ours."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from .base import Body, Text, storable
from .reviews import DecisionOut, ReviewLine

Version = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="the draft version that was read; approve and edit name it")
]
Reason = Literal["not_a_fit", "in_crm", "competitor", "weak_text", "wrong_data", "other"]


class Args(BaseModel):
    """Changed arguments of the action: a letter's texts, or what another question asks about."""

    model_config = ConfigDict(extra="allow")

    subject: Text = ""
    body: Text = ""

    @model_validator(mode="before")
    @classmethod
    def _holds_text(cls, value: Any) -> Any:
        return storable(value) if isinstance(value, dict) else value


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
        args = self.edited_action.args if self.edited_action else self.args
        return {
            **args.model_dump(exclude_unset=True),
            **{name: text for name, text in texts.items() if text is not None},
        }


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


Single = Approve | Edit | Reject | Respond


class Decided(BaseModel):
    """The recorded decision, and the run in which the thread goes on."""

    decision: DecisionOut
    run_id: str


class EndorsedOut(BaseModel):
    """The first of two approvals is kept: `review` waits until somebody other than `endorsed_by` approves."""

    review: ReviewLine
    endorsed_by: Annotated[
        list[str], Field(description="whoever has approved this version, such as person:anna")
    ]


class DecisionIn(RootModel[Annotated[Single, Field(discriminator="type")]]):
    """One decision, alone or as `{decisions: [decision], version?}`: a review asks about one action."""

    @model_validator(mode="before")
    @classmethod
    def _unbatched(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "decisions" not in value:
            return value
        match value["decisions"]:
            case [dict() as decision]:
                around = {name: given for name, given in value.items() if name != "decisions"}
                reason = {"reason": "other"} if decision.get("type") == "reject" else {}
                return {**reason, **around, **decision}
            case _:
                raise ValueError("a review asks about one action: send a list of one decision")


EXAMPLES: dict[str, Any] = {
    "approve": {"value": {"type": "approve", "version": 1}},
    "edit": {"value": {"type": "edit", "version": 1, "subject": "Тема", "body": "Текст письма"}},
    "reject": {"value": {"type": "reject", "reason": "competitor", "message": "Они делают то же самое"}},
    "respond": {"value": {"type": "respond", "message": "Короче и без вступления"}},
    "batched": {"value": {"decisions": [{"type": "approve"}], "version": 1}},
}
