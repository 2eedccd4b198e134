"""A letter: what a model is asked for, and how its text becomes a subject and a body.

Whatever must be in every letter (who signs, how to refuse further ones) is added here and never by a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from pydantic import BaseModel, Field

from agents.context import Lang, Sender, Style
from agents.evidence.typography import polish, shorten

Part = Literal["why_now", "fit", "proposal"]


class Sentence(BaseModel):
    """A sentence and the ids of the facts it rests on; only a proposal may rest on none."""

    part: Part
    text: str = Field(min_length=1, max_length=600)
    evidence: list[str] = Field(default_factory=list, max_length=8)


class LetterText(BaseModel):
    """What a model writes: no signature and no line about refusing, they are added to every letter."""

    subject: str = Field(min_length=1, max_length=200)
    greeting: str = Field(max_length=100)
    sentences: list[Sentence] = Field(min_length=1, max_length=16)
    closing: str = Field(max_length=100)


@dataclass(frozen=True)
class Limits:
    """The most characters that a subject and a body may have."""

    subject: int
    body: int


FULL = Limits(subject=90, body=1400)
SHORT = Limits(subject=90, body=700)

REFUSAL: dict[Lang, str] = {
    "ru": "Если такие письма вам не нужны, ответьте «не писать» — больше не побеспокоим.",
    "en": "If you would rather not receive such letters, reply “no letters” and we will not write again.",
}


@dataclass(frozen=True)
class Text:
    """A letter without a recipient: `claims` are the sentences of fact as they stand in the body."""

    subject: str
    body: str
    claims: list[dict[str, Any]]


def assemble(letter: LetterText, sender: Sender, lang: Lang, style: Style, limits: Limits) -> Text:
    """The letter within its limits. Sentences that say least go first when it is too long."""
    sentences = [_polished(sentence, lang) for sentence in letter.sentences]
    body = _body(letter, sentences, sender, lang, style)
    while len(body) > limits.body and len(sentences) > 1:
        sentences.pop(_least_needed(sentences))
        body = _body(letter, sentences, sender, lang, style)
    claims: list[dict[str, Any]] = [
        {"text": it.text, "evidence": it.evidence} for it in sentences if it.evidence
    ]
    return Text(shorten(polish(letter.subject, lang), limits.subject), body, claims)


def _polished(sentence: Sentence, lang: Lang) -> Sentence:
    return sentence.model_copy(update={"text": polish(sentence.text, lang)})


def _body(letter: LetterText, sentences: Sequence[Sentence], sender: Sender, lang: Lang, style: Style) -> str:
    signature = "\n".join((polish(letter.closing, lang), sender.name, sender.company, sender.email))
    paragraphs = [
        _paragraph(part, list(group), style) for part, group in groupby(sentences, lambda it: it.part)
    ]
    return "\n\n".join((polish(letter.greeting, lang), *paragraphs, signature, polish(REFUSAL[lang], lang)))


def _paragraph(part: Part, sentences: Sequence[Sentence], style: Style) -> str:
    # An engineer reads a list of facts faster than prose.
    between = "\n" if (part, style) == ("fit", "technical") else " "
    return between.join(sentence.text for sentence in sentences)


def _least_needed(sentences: Sequence[Sentence]) -> int:
    """The last detail; then the last of why we write; what we propose goes last of all."""
    order = {"fit": 0, "why_now": 1, "proposal": 2}
    return min(range(len(sentences)), key=lambda place: (order[sentences[place].part], -place))
