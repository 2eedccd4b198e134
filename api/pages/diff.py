"""What a person changed in a letter, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

_PART = re.compile(r"\w+|\s+|[^\w\s]")

Change = tuple[Literal["same", "gone", "new"], str]


def changes(before: str, after: str) -> list[Change]:
    """The text in pieces: what stayed, what went, what came."""
    return list(_changes(_PART.findall(_plain(before)), _PART.findall(_plain(after))))


def _changes(old: list[str], new: list[str]) -> Iterator[Change]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", "".join(old[a:b])
            continue
        if b > a:
            yield "gone", "".join(old[a:b])
        if d > c:
            yield "new", "".join(new[c:d])


def _plain(text: str) -> str:
    """A form sends its line ends as CRLF."""
    return text.replace("\r\n", "\n")
