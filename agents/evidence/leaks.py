"""Whether a text repeats what we ask of a model: our own words to it are nobody's letter."""

from __future__ import annotations

import re
from functools import lru_cache

from .speech import words

# So many words in a row; fewer, such as "the two products complement each other", anybody may say.
RUN = 7
_DATA = re.compile(r"<data>.*?</data>", re.DOTALL)


def leaks(text: str, prompt: str) -> bool:
    """Facts in the prompt's fences may be repeated."""
    return bool(_runs(text) & _ours(prompt))


@lru_cache(maxsize=64)
def _ours(prompt: str) -> frozenset[tuple[str, ...]]:
    return _runs(_DATA.sub(" . ", prompt))


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    told = words(text)
    return frozenset(tuple(told[start : start + RUN]) for start in range(len(told) - RUN + 1))
