"""What a card keeps from whoever may not read personal data: as api.privacy does in JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from graphs.runtime.desk import Opened
from graphs.runtime.people.rights import Permission, Person
from memory.models import Comment, Draft, Evidence

from ..privacy import masked

R = TypeVar("R", Draft, Evidence, Comment)


def discreet(opened: Opened, person: Person) -> Opened:
    """The card as this person may see it."""
    if person.may(Permission.PII_READ):
        return opened
    card = opened.card
    return replace(
        opened,
        card=replace(
            card,
            draft=_hidden(card.draft) if card.draft else None,
            versions=[_hidden(version) for version in card.versions],
        ),
        evidence={id: _hidden(piece) for id, piece in opened.evidence.items()},
        comments=[_hidden(comment) for comment in opened.comments],
    )


def _hidden(row: R) -> R:
    shown = row.model_dump()
    return type(row)(**{**shown, **masked({name: it for name, it in shown.items() if _is_text(it)})})


def _is_text(value: object) -> bool:
    return isinstance(value, str | list)
