"""A letter that production writes now, beside the one that a person let go or turned down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any, Literal

from pydantic import BaseModel
from rapidfuzz.fuzz import ratio

from agents.context import Lang, Sender, Style
from agents.evidence.record import News, Record
from agents.outreach.remark import read
from agents.outreach.task import Task
from memory.models import Company, CompanyField, Draft, Evidence, Signal

from ..case import Case
from ..marks import Marks


class Text(BaseModel, frozen=True, extra="forbid"):
    """The text of a letter."""

    subject: str
    body: str


class Said(BaseModel, frozen=True, extra="forbid"):
    """Rows of our record about a pair: of Company (the recipient first), Signal with its Evidence, and
    CompanyField."""

    pair: tuple[dict[str, Any], dict[str, Any]]
    news: list[tuple[dict[str, Any], dict[str, Any]]]
    fields: list[dict[str, Any]]

    @property
    def record(self) -> Record:
        a, b = map(Company.model_validate, self.pair)
        news = [News(Signal.model_validate(it), Evidence.model_validate(shown)) for it, shown in self.news]
        return Record((a, b), news, list(map(CompanyField.model_validate, self.fields)))


class DecisionCase(Case):
    """decision: of a person on the letter; letter: what left by it, or what was turned down; reason: why.
    previous, remark: what it was a rewrite of, and why. Personal data has placeholders."""

    lang: Lang
    style: Style
    short: bool
    version: int
    previous: Text | None
    remark: str | None
    sender: dict[str, str]
    said: Said
    decision: Literal["approve", "edit", "reject"]
    letter: Text
    reason: str | None = None

    @property
    def slices(self) -> Mapping[str, str]:
        return {
            "lang": self.lang,
            "decision": self.decision,
            "industry": self.said.pair[0]["industry"] or "?",
        }

    @property
    def task(self) -> Task:
        unread = read(self.remark or "").unread
        return Task(self.id, self.version, self.lang, self.style, self.short, self.remark, unread)

    @property
    def signed_by(self) -> Sender:
        return Sender(**self.sender)

    @property
    def rewritten(self) -> Draft | None:
        """What the letter is a rewrite of."""
        return Draft(**self.previous.model_dump()) if self.previous else None


def score(case: DecisionCase, draft: Draft) -> Marks:
    """kept: the share of the letter's characters that a person would not have to touch, 0..1; again: the
    share of what was turned down that would be written again."""
    same = ratio(draft.body, case.letter.body) / 100
    if case.decision == "reject":
        return Marks({"again": same}, (f"turned down: {case.reason or 'no reason'}",))
    return Marks({"kept": same}, () if same == 1 else (f"kept {same:.2f}; now: {draft.body}",))


def kept(cases: Sequence[Marks]) -> float:
    """The mean over the letters that were let go; a crash keeps nothing."""
    told = [it.number("kept", 0.0) for it in cases if "again" not in it.values]
    return sum(told) / len(told) if told else nan


def again(cases: Sequence[Marks]) -> float:
    """The mean over the letters that were turned down."""
    told = [it.number("again", 1.0) for it in cases if "again" in it.values]
    return sum(told) / len(told) if told else nan
