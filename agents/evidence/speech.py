"""What kind of word a word of a letter is, by the lists of speech.yaml."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal, get_args

from agents.scout.inflection import parses
from tools import yamls

Role = Literal["small", "frame", "occasion", "act", "history", "terms", "states", "hedges", "past", "still"]

_CYRILLIC = re.compile(r"[а-я]")
_WORD = re.compile(r"[^\W_]+")
# Parts of speech that say nothing of their own.
_SMALL = frozenset({"PREP", "CONJ", "PRCL", "NPRO", "INTJ", "PRED", "NUMR"})
# A reading that is rarer than this is not what the word means.
_RARE = 0.05


def words(text: str) -> list[str]:
    """In reading order, in small letters, е for ё."""
    return [word.replace("ё", "е") for word in _WORD.findall(text.casefold())]


def russian(word: str) -> bool:
    return _CYRILLIC.search(word) is not None


@lru_cache(maxsize=65_536)
def lemmas(word: str) -> frozenset[str]:
    """What a Russian word may be a form of; an English one is its own."""
    if not russian(word):
        return frozenset({word})
    told = [it for it in parses(word) if it.score >= _RARE]
    return frozenset(str(it.normal_form).replace("ё", "е") for it in told) | {word}


@lru_cache(maxsize=65_536)
def roles(word: str) -> frozenset[Role]:
    """The lists that the word stands in."""
    found: set[Role] = {role for role in get_args(Role) if lemmas(word) & _lists()[role]}
    return frozenset(found | {"small"} if _is_small(word) else found)


def _is_small(word: str) -> bool:
    if len(word) == 1 or word.isdigit():
        return True
    if not russian(word):
        return False
    tag = parses(word)[0].tag
    return tag.POS in _SMALL or "Apro" in tag


@cache
def _lists() -> dict[Role, frozenset[str]]:
    told = yamls.load((files(__package__) / "speech.yaml").read_text("utf-8"))
    return {role: frozenset(words(" ".join(told[role].values()))) for role in get_args(Role)}
