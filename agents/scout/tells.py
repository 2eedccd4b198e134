"""Whether a sentence has a word for an event of a type at all: the lists of tells.yaml."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml

from . import stance
from .clauses import Line
from .inflection import parses


def tells(line: Line, type: str) -> bool:
    """True when a word of the line, none of a name, tells of such an event and the line asserts it."""
    if _words("unsaid").search(line.text):
        return False
    return any(
        stance.asserted(line, place, type, infinitive=_is_infinitive(token.word))
        for place, token in enumerate(line.tokens)
        if token.kind == "w" and _words(type).fullmatch(token.word)
    )


def _is_infinitive(word: str) -> bool:
    return str(parses(word)[0].tag.POS) == "INFN"


@cache
def _words(name: str) -> re.Pattern[str]:
    lists = yaml.safe_load(files(__package__).joinpath("tells.yaml").read_text(encoding="utf-8"))
    return re.compile(rf"\b(?:{'|'.join(lists[name].split())})\b")
