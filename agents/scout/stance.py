"""Whether a text says that something happened, or denies, wishes, remembers or doubts it. Precision first:
what is not plainly said did not happen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from tools import yamls

from .clauses import Line
from .cues import words

_NOTHING = re.compile(
    r"\bни\b.*\bни\b|\b(?:нет|никак\w+)\b"
    r"|\bне (?:сообща|объявля|содерж|обеща|анонсир|называ|приводит|описыва)\w*"
)
_NO_EVENT = re.compile(r"\b(?:событий|новостей|перемен)\b.*\bнет\b")
_EXCEPTED = re.compile(r"\b(?:кроме|други\w+|больше|дальнейш\w+|следующ\w+|конкретн\w+ (?:услови|сумм)\w+)\b")


def asserted(line: Line, verb: int, kind: str, *, infinitive: bool) -> bool:
    """True when the sentence says that what the word at `verb` tells happens, has happened or is decided.

    kind: the type of the event; infinitive: the word is one, so that only a plan of it is news.
    """
    said, before = _before(line, 0, verb), _before(line, verb - 3, verb)
    if line.text.endswith("?") or _pattern("earlier", r"^(?:(?:а|но|и) )?(?:{})\b").search(said):
        return False
    if _just_before(before) or _pattern("opinion", r"\b(?:{}) , (?:что|как)\b").search(said):
        return False
    # Somebody's leaving is news, though the words for it deny.
    if kind != "leadership" and _is_denied(line, verb):
        return False
    start, _ = _clause(line, verb)
    if words("subordinate") & {token.word for token in line.tokens[start:verb]}:
        return False
    if _pattern("unsure", r"\b(?:{})$").search(before) and not _is_excused(kind, before):
        return False
    planned = _pattern("plan", r"\b(?:{})\b").search(_before(line, verb - 6, verb))
    return not infinitive or planned is not None


def denied_types(lines: Iterable[Line]) -> frozenset[str]:
    """Kinds of events that the text says it has none of: «ни сделок, ни запусков в колонке нет»."""
    found: set[str] = set()
    nouns: dict[str, str] = _lists()["nouns"]
    for line in lines:
        if _NOTHING.search(line.text) and not _EXCEPTED.search(line.text):
            everything = _NO_EVENT.search(line.text) is not None
            found |= {kind for kind in nouns if everything or _denies(line.text, nouns[kind])}
    return frozenset(found)


def _is_excused(kind: str, before: str) -> bool:
    """«Больше не руководит» is a fact, and «хочет нанять» is how firms say that they hire."""
    if kind == "leadership":
        return before.endswith("больше не")
    return kind == "hiring" and before.endswith(("хочет", "хотят"))


def _just_before(before: str) -> bool:
    return (
        re.search(r"\b(?:ранее|годом ранее|до этого|прежде|в прошлом году|год назад)\b", before) is not None
    )


def _denies(text: str, nouns: str) -> bool:
    denial = rf"\b(?:ни|никаких?|нет|новых|свежих?|нового|новой|новому) (?:\S+ ){{0,2}}(?:{nouns})\b"
    return bool(re.search(denial, text) or re.search(rf"\b(?:{nouns}) (?:\S+ ){{0,3}}нет\b", text))


def _before(line: Line, start: int, stop: int) -> str:
    return " ".join(token.word for token in line.tokens[max(0, start) : stop])


def _is_denied(line: Line, verb: int) -> bool:
    start, stop = _clause(line, verb)
    if _pattern("denied", r"\b(?:{})").search(line.text):
        return True
    return _pattern("denied_here", r"\b(?:{})").search(_before(line, start, stop)) is not None


def _clause(line: Line, verb: int) -> tuple[int, int]:
    """Where the words between the marks around the verb begin and end."""
    marks = [at for at, token in enumerate(line.tokens) if token.word in (",", ";", "—", ":")]
    start = max((at + 1 for at in marks if at < verb), default=0)
    return start, min((at for at in marks if at > verb), default=len(line.tokens))


@cache
def _pattern(name: str, frame: str) -> re.Pattern[str]:
    """A list of stance.yaml in the frame that says where its words must stand."""
    alternatives = "|".join(part.strip() for part in _lists()[name].split(" | "))
    return re.compile(frame.replace("{}", alternatives))


@cache
def _lists() -> dict[str, Any]:
    text = files(__package__).joinpath("stance.yaml").read_text(encoding="utf-8")
    lists: dict[str, Any] = yamls.load(text)
    return lists
