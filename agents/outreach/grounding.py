"""A letter of what the record supports: sentences that do not hold are left out and named to the reviewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.context import Lang
from agents.evidence import claims
from agents.evidence.grounds import Grounds, Problem, said, says_more, told, unsupported
from agents.evidence.typography import plain

from .letter import LetterText, Sentence

_FRAME = ("subject", "greeting", "closing")
_LEFT_OUT: dict[Lang, str] = {"ru": "Убрано из письма", "en": "Left out of the letter"}


@dataclass(frozen=True)
class Grounded:
    """The letter of what held, and what was left out of it and why."""

    letter: LetterText
    dropped: tuple[tuple[Problem, str], ...]


def ground(letter: LetterText, grounds: Grounds, lang: Lang, frame: Mapping[str, str]) -> Grounded:
    """The letter without whatever does not hold; `frame` has a subject, greeting and closing in reserve.

    The sentences of the result may be none: then nothing of what was written could be grounded.
    """
    kept: list[Sentence] = []
    dropped: list[tuple[Problem, str]] = []
    for sentence in letter.sentences:
        repeated = any(plain(sentence.text) == plain(other.text) for other in kept)
        if found := "repeated" if repeated else problem(sentence, grounds, lang):
            dropped.append((found, sentence.text))
        else:
            kept.append(sentence)
    reserve = {name: frame[name] for name in _FRAME if said(getattr(letter, name), "", grounds, lang)}
    return Grounded(letter.model_copy(update={**reserve, "sentences": kept}), tuple(dropped))


def problem(sentence: Sentence, grounds: Grounds, lang: Lang) -> Problem | None:
    """Why this sentence cannot stand, or nothing. Only what proposes something may rest on no fact."""
    if not sentence.evidence and sentence.part == "proposal" and claims.offers(sentence.text):
        found = said(sentence.text, "", grounds, lang)
    else:
        found = unsupported(sentence.text, sentence.evidence, grounds, lang)
    return found or says_more(sentence.text, sentence.evidence, grounds, lang)


def note(dropped: Sequence[tuple[Problem, str]], lang: Lang) -> str | None:
    """A line for the reviewer about what was left out, or nothing when nothing was."""
    listed = "; ".join(f"{told(why, lang)} — {text}" for why, text in dropped)
    return f"{_LEFT_OUT[lang]}: {listed}" if listed else None
