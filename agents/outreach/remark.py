"""A person's remark as the changes that code can make; what it cannot read is named, never dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeVar

from agents.context import Lang, Style

Kind = TypeVar("Kind", bound=str)

_STYLES: dict[Style, str] = {
    "friendly": r"(?:по)?дружелюбн\w*|(?:по)?теплее|(?:по)?мягче|неформальн\w*"
    r"|friendl\w+|warmer|informal\w*|casual",
    "formal": r"(?:по)?официальн\w*|(?:по)?формальн\w*|(?:по)?строже|делов\w+|formal\w*|business-?like",
    "technical": r"(?:по)?техничн\w*|техническ\w+|инженерн\w*|technical\w*",
}
_LANGS: dict[Lang, str] = {
    "en": r"(?:на|по)[ -]английск\w+|(?:in|into|to) english|english version",
    "ru": r"(?:на|по)[ -]русск\w+|(?:in|into|to) russian|russian version",
}
_SHORTER = (
    r"(?:по)?короче|сократи\w*|(?:по)?лаконичн\w*|(?:по)?кратк\w+|кратче|shorter|shorten|briefer|more concise"
)
_FILLER = (
    r"сдела\w+|напиш\w+|перепиш\w+|переве\w+|давай\w*|пожалуйста|нужн\w+|письм\w+|текст\w*|ещ[её]|чуть|немного"
    r"|более|его|тон\w*|стил\w+|язык\w*|по|на|в|и|а|please|make|write|rewrite|translate|it|the|letter|text"
    r"|a|bit|little|more|much|tone|style|be|and|in|to"
)
_CLAUSE = re.compile(r"[,.;:!?\n]+|\s+(?:и|and)\s+", re.IGNORECASE)
# A clause that denies or compares downwards means something else than its words: it is left to a person.
_TURNED = re.compile(
    r"\b(?:не|ни|без|нет|менее|меньше|слишком|not|don't|no|less|without|too)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Change:
    """What a remark asks for; `unread` holds the clauses that say anything else."""

    style: Style | None = None
    lang: Lang | None = None
    shorter: bool = False
    unread: tuple[str, ...] = ()


def read(remark: str) -> Change:
    """The changes named in the remark, Russian or English; of two that contradict, the later one."""
    clauses = [clause.strip() for clause in _CLAUSE.split(remark) if clause.strip()]
    clear = " , ".join(clause for clause in clauses if not _TURNED.search(clause))
    return Change(
        style=_last(_STYLES, clear),
        lang=_last(_LANGS, clear),
        shorter=_word(_SHORTER).search(clear) is not None,
        unread=tuple(clause for clause in clauses if not _understood(clause)),
    )


def _last(meanings: dict[Kind, str], text: str) -> Kind | None:
    found = [(hit.start(), kind) for kind, words in meanings.items() for hit in _word(words).finditer(text)]
    return max(found)[1] if found else None


def _understood(clause: str) -> bool:
    known = "|".join([*_STYLES.values(), *_LANGS.values(), _SHORTER])
    rest = _word(_FILLER).sub(" ", _word(known).sub(" ", clause))
    return not _TURNED.search(clause) and not re.search(r"\w", rest)


def _word(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
