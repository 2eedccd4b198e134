"""What a person is asked about a letter and how the answer is read: LangChain's batched review form."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .errors import MalformedDecision
from .state import OutreachState

ACTION = "send_letter"
DECISIONS = ["approve", "edit", "reject", "respond"]

_SHOWN = ("draft_id", "to", "subject", "body", "lang", "style", "partnership_id", "partner")
# What models said of the pair, when any were asked.
_SAID = ("risks", "judged")


class Decision(BaseModel):
    """One decision. The text of an edit is not read here: what may leave stands in the database."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["approve", "edit", "reject", "respond"]
    message: str | None = None

    @model_validator(mode="after")
    def _a_remark_says_something(self) -> Self:
        if self.type == "respond" and not (self.message or "").strip():
            raise ValueError("respond needs a message: what should change?")
        return self


class _Answer(BaseModel):
    decisions: list[Decision] = Field(min_length=1, max_length=1)


def question(state: OutreachState) -> dict[str, Any]:
    """The payload of the interrupt, from the state alone."""
    shown: dict[str, Any] = {name: state.get(name) for name in _SHOWN}
    args = {
        **shown,
        "version": state["draft_version"],
        "company": state["recipient"],
        "score": state.get("score"),
        **{name: said for name in _SAID if (said := state.get(name))},
    }
    action = {"name": ACTION, "args": args, "description": f"{state['recipient']} × {state['partner']}"}
    return {
        "action_requests": [action],
        "review_configs": [{"action_name": ACTION, "allowed_decisions": DECISIONS}],
    }


def decision(answer: object) -> Decision:
    """The one decision in `{"decisions": [{"type": …}]}`. Errors: MalformedDecision."""
    try:
        return _Answer.model_validate(answer).decisions[0]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "answer"
        raise MalformedDecision(f"the decision cannot be read: {place}: {first['msg']}") from error
