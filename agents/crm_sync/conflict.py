"""Three-way comparison of a deal: the last sync, what we want now, what stands in the CRM now.

A field that only one side changed goes the way of that side. A field that both changed to different
values is a true conflict, and a person decides it. Record-level "the last one wins" loses edits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.evidence.orders import seen
from memory.pipeline import Stage

ACTION = "resolve_crm_conflict"

Fields = Mapping[str, Any]

_NAMES = {
    "title": "название",
    "stage": "этап",
    "company": "компания",
    "partner": "партнёр",
    "score": "оценка",
    "value_rub": "сумма",
    "note": "заметка",
}


class BadResolution(ValueError):
    """The edited fields are not what a deal can hold; the message names the field and its trouble."""


class DealEdit(BaseModel):
    """What a person may write into a deal. A field that is left out is no part of the edit."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(default="", min_length=1)
    stage: Stage = Stage.CONTACTED
    company: str = Field(default="", min_length=1)
    partner: str = Field(default="", min_length=1)
    score: float | None = Field(default=None, ge=0, le=1)
    value_rub: int | None = Field(default=None, ge=0)
    note: str = ""


@dataclass(frozen=True)
class Synced:
    """The end of the last sync: what we wanted then, and for each field the last value both sides had.

    The two differ where a person's value was kept: that value stays the person's own, so a later wish
    of ours asks before it is written over it.
    """

    ours: Fields
    agreed: Fields


@dataclass(frozen=True)
class Merge:
    """write: fields that may be written at once; ours, theirs: the two values of each field in conflict."""

    write: dict[str, Any]
    ours: dict[str, Any]
    theirs: dict[str, Any]


def merge(last: Synced | None, ours: Fields, theirs: Fields | None) -> Merge:
    """Compare the fields of `ours`. last None: we never saw the deal; theirs None: there is no deal.

    A deal that we knew and somebody deleted is in conflict as a whole. None as a value means that
    nothing is known, so it never clashes with what somebody knows.
    """
    if theirs is None:
        return Merge(dict(ours), {}, {}) if last is None else Merge({}, dict(ours), dict.fromkeys(ours))
    last = last or Synced({}, {})
    edited = [n for n in ours if ours[n] != theirs.get(n) and ours[n] != last.ours.get(n)]
    clash = [n for n in edited if theirs.get(n) != last.agreed.get(n)]
    return Merge(
        write={name: ours[name] for name in edited if name not in clash},
        ours={name: ours[name] for name in clash},
        theirs={name: theirs.get(name) for name in clash},
    )


def settle(last: Synced | None, ours: Fields, deal: Fields) -> Synced:
    """The end of a sync that left `deal` in the CRM."""
    before = last.agreed if last else {}
    agreed = {name: ours[name] if deal.get(name) == ours[name] else before.get(name) for name in ours}
    return Synced(ours, agreed)


def question(conflict: Fields, *, deal_key: str) -> dict[str, Any]:
    """A conflict `{ours, theirs, wanted}` as LangChain's batched human-in-the-loop request.

    approve writes `fields` (ours), edit writes other `fields`, reject leaves theirs. The deal's key is
    the id of the partnership, and its score places the question in the queue.
    """
    ours, wanted = conflict["ours"], conflict["wanted"]
    args = {
        "deal_key": deal_key,
        "partnership_id": deal_key,
        "score": wanted["score"],
        "ours": ours,
        "theirs": {name: _shown(value) for name, value in conflict["theirs"].items()},
        "fields": ours,
    }
    changed = ", ".join(_NAMES[name] for name in ours)
    action = {"name": ACTION, "args": args, "description": f"{wanted['title']}: в CRM иначе ({changed})"}
    config = {"action_name": ACTION, "allowed_decisions": ["approve", "edit", "reject"]}
    return {"action_requests": [action], "review_configs": [config]}


def _shown(value: Any) -> Any:
    """As a person is to see it: a note in the CRM may hold signs that nobody sees."""
    return seen(value) if isinstance(value, str) else value


def resolve(ours: Fields, decision: Mapping[str, Any]) -> dict[str, Any]:
    """The fields in conflict that one decision `{type, edited_action?}` wants written.

    An edit goes over ours, field by field. Errors: BadResolution.
    """
    if decision["type"] == "reject":
        return {}
    if decision["type"] == "approve":
        return dict(ours)
    return {**ours, **_edited(decision["edited_action"]["args"]["fields"])}


def _edited(fields: Any) -> dict[str, Any]:
    try:
        return DealEdit.model_validate(fields).model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "fields"
        raise BadResolution(f"{where}: {first['msg']}") from None
