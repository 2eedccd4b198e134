"""What a card and a line of the list keep from whoever may not read personal data, as api.privacy in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from graphs.runtime.desk import Opened
from graphs.runtime.people.rights import Permission, Person
from memory.models import AuditEntry, Comment, Decision, Draft, Evidence
from memory.queue import Row

from ..privacy import Discretion

R = TypeVar("R", Draft, Evidence, Comment, Decision, AuditEntry)


async def discreet(opened: Opened, person: Person, discretion: Discretion) -> Opened:
    """The card as this person may see it; the companies that it is about are shown by their names."""
    if person.may(Permission.PII_READ):
        return opened
    card, companies = opened.card, [{"name": company.name} for company in opened.card.companies]

    async def hidden(row: R) -> R:
        told = await discretion.masked([companies, _texts(row)])
        return type(row)(**{**row.model_dump(), **told[1]})

    return replace(
        opened,
        card=replace(
            card,
            draft=await hidden(card.draft) if card.draft else None,
            decision=await hidden(card.decision) if card.decision else None,
            versions=[await hidden(version) for version in card.versions],
        ),
        evidence={id: await hidden(piece) for id, piece in opened.evidence.items()},
        comments=[await hidden(comment) for comment in opened.comments],
        history=[await hidden(entry) for entry in opened.history],
    )


async def discreet_rows(rows: Sequence[Row], person: Person, discretion: Discretion) -> Sequence[Row]:
    """The lines of the list as this person may see them: each is called by the companies that it is about."""
    if person.may(Permission.PII_READ):
        return rows

    async def hidden(row: Row) -> Row:
        told = await discretion.masked({"title": row.title, "subject": row.subject})
        return replace(row, subject=told["subject"])

    return [await hidden(row) for row in rows]


def _texts(row: Draft | Evidence | Comment | Decision | AuditEntry) -> dict[str, Any]:
    return {name: it for name, it in row.model_dump().items() if isinstance(it, str | list | dict)}
