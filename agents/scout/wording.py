"""Where words stand in a text, compared as a letter's quotation is compared with its source."""

from __future__ import annotations

import re

from agents.evidence.typography import plain

from .page import Span

_MARKS = "«»„“”\"‘’'"
# What `plain` makes one.
_ALIKE = {'"': f"[{_MARKS}]", "е": "[её]"}


def place_of(words: str, text: str, start: int = 0) -> Span | None:
    """The first place from `start` on of these whole words, whatever ends the last sentence of them."""
    said = plain(words).strip(" .…").split()
    pattern = r"\s{1,3}".join("".join(_ALIKE.get(sign, re.escape(sign)) for sign in word) for word in said)
    found = re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE).search(text, start) if said else None
    return Span(*found.span()) if found else None


def bare(name: str) -> str:
    """Without quotation marks around it."""
    return name.strip(f"{_MARKS} ")
