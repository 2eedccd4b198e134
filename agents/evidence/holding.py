"""Sentences about a pair that a model proposes, and those of them that the evidence they cite carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from agents.context import Context, Lang

from . import claims
from .facts import facts
from .grounds import Grounds, Problem, invented, unsupported
from .orders import called
from .record import Record
from .rows import companies_named
from .typography import plain, polish


class Claim(BaseModel):
    """A sentence and the ids of the facts it rests on."""

    text: str = Field(min_length=1, max_length=300)
    evidence: list[str] = Field(min_length=1, max_length=8)


ClaimT = TypeVar("ClaimT", bound=Claim)


@dataclass(frozen=True)
class Held(Generic[ClaimT]):
    """What may be shown, and why the rest was left out."""

    kept: list[ClaimT]
    dropped: list[Problem]


async def hold(ctx: Context, said: Sequence[ClaimT], record: Record, lang: Lang) -> Held[ClaimT]:
    """The claims that hold, each once and in good typography.

    Stricter than for a letter: each is held against the facts that it cites and no other, and links have no
    business in it, not even those of a source.
    """
    names = frozenset(called(company.name) for company in record.pair)
    openings = {words for it in said for words in claims.openings(it.text)}
    strangers = await ctx.memory.read(companies_named, openings) - names
    known, held = facts(record), Held[ClaimT]([], [])
    for it in said:
        if found := _repeated(it, held) or _problem(it, known, Grounds({}, names, strangers), lang):
            held.dropped.append(found)
        else:
            held.kept.append(it.model_copy(update={"text": polish(it.text, lang)}))
    return held


def _repeated(claim: Claim, held: Held[ClaimT]) -> Problem | None:
    return "repeated" if any(plain(claim.text) == plain(it.text) for it in held.kept) else None


def _problem(claim: Claim, known: Mapping[str, str], grounds: Grounds, lang: Lang) -> Problem | None:
    if claims.hidden(claim.text) or not set(claims.links(claim.text)) <= grounds.names:
        return "contact"
    if claims.sweeping(claim.text):
        return "praise"
    cited = {id: known[id] for id in claim.evidence if id in known}
    held = Grounds(cited, grounds.names, grounds.strangers)
    return unsupported(claim.text, claim.evidence, held, lang) or invented(claim.text, held, lang)
