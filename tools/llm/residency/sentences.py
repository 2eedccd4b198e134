"""The sentences of a text that NER has to see."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

# An initial's dot ends none, nor does that of «г.».
_END = re.compile(r"\n+|(?<![ .(«\n][А-ЯЁA-Zа-яa-z])(?<![.!?…])[.!?…]++[»\")]*+\s++(?=[^а-яёa-z])")
# More than this at a time is slow and helps nobody.
_LONGEST = 600


def sentences(text: str, places: Sequence[int]) -> list[tuple[int, int]]:
    """Those that contain one of the places, which are in order."""
    return [span for span in _all(text) if _holds(span, places)]


def _holds(span: tuple[int, int], places: Sequence[int]) -> bool:
    next_place = bisect_left(places, span[0])
    return next_place < len(places) and places[next_place] < span[1]


def _all(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for stop in (*(match.end() for match in _END.finditer(text)), len(text)):
        while stop - start > _LONGEST:
            cut = text.rfind(" ", start + 1, start + _LONGEST)
            cut = cut if cut > start else start + _LONGEST
            yield start, cut
            start = cut
        if stop > start:
            yield start, stop
        start = stop
