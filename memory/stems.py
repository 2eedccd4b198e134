"""What is left of a word without its ending: Snowball's grammars of Russian and English."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

_CYRILLIC = re.compile("[а-яё]")


@lru_cache(maxsize=65_536)
def stem_of(word: str) -> str:
    """Of a word in small letters; ё counts as е."""
    plain = word.replace("ё", "е")
    stem: str = _stemmer("russian" if _CYRILLIC.search(plain) else "english").stemWord(plain)
    return stem


@cache
def _stemmer(lang: str) -> Any:
    # It imports the grammars of thirty languages, for which no start need wait.
    import snowballstemmer

    return snowballstemmer.stemmer(lang)
