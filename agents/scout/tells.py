"""The words without which a sentence tells of no event (tells.yaml), and who may have bought whom."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from tools import yamls

from . import stance
from .clauses import Line
from .inflection import parses

_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_BY = re.compile(r"\b(?:by|to)\s+[“\"]?$")


def tells(line: Line, type: str) -> bool:
    """True when a word of the line, none of a name, tells of such an event and the line asserts it."""
    if _words("unsaid").search(line.text):
        return False
    return any(
        stance.asserted(line, place, type, infinitive=_is_infinitive(token.word))
        for place, token in enumerate(line.tokens)
        if token.kind == "w" and _words(type).fullmatch(token.word)
    )


def may_buy(text: str, buyer: int, bought: int) -> bool:
    """Whether an English sentence lets the name at `buyer` buy the one at `bought`: the first name buys, or
    the second one if "by" or "to" stands before it. In Russian the order says nothing: True.
    """
    last = max(buyer, bought)
    return _CYRILLIC.search(text) is not None or (buyer == last) == bool(_BY.search(text, 0, last))


def _is_infinitive(word: str) -> bool:
    return str(parses(word)[0].tag.POS) == "INFN"


@cache
def _words(name: str) -> re.Pattern[str]:
    lists = yamls.load(files(__package__).joinpath("tells.yaml").read_text(encoding="utf-8"))
    return re.compile(rf"\b(?:{'|'.join(lists[name].split())})\b")
