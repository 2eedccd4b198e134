"""Which words other words carry: other endings, words of one family, the other language's word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from memory.stems import stem_of
from tools import yamls

from .speech import lemmas, words

# Two stems are one family when they begin alike for so many letters, and for so much of the shorter one.
_ALIKE, _SHARE = 5, 0.75
# A shorter stem that stands whole at the beginning of the other is its family from this length on.
_WHOLE = 4


@dataclass(frozen=True)
class Vocabulary:
    """The stems of some words, and the ideas of glossary.yaml that they stand for."""

    stems: frozenset[str]
    ideas: frozenset[int]

    def carries(self, word: str) -> bool:
        return self.means(word) or self.spells(word)

    def spells(self, word: str) -> bool:
        """Whether it is a form of one of them, or of their family."""
        return any(_akin(one, other) for one in _stems(word) for other in self.stems)

    def means(self, word: str) -> bool:
        """Whether it is another word for one of them: PBX for «АТС»."""
        return bool(_ideas(word) & self.ideas)


@lru_cache(maxsize=1024)
def vocabulary(text: str) -> Vocabulary:
    return _of(words(text))


def _of(told: Iterable[str]) -> Vocabulary:
    unique = set(told)
    return Vocabulary(
        frozenset(stem for word in unique for stem in _stems(word)),
        frozenset(idea for word in unique for idea in _ideas(word)),
    )


@lru_cache(maxsize=65_536)
def _stems(word: str) -> frozenset[str]:
    return frozenset(map(stem_of, lemmas(word)))


@lru_cache(maxsize=65_536)
def _ideas(word: str) -> frozenset[int]:
    told = lemmas(word)
    return frozenset(
        number for number, begins in enumerate(_glossary()) if any(it.startswith(begins) for it in told)
    )


def _akin(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if short == long or (len(short) >= _WHOLE and long.startswith(short)):
        return True
    alike = next((place for place, sign in enumerate(short) if sign != long[place]), len(short))
    return alike >= _ALIKE and alike >= _SHARE * len(short)


@cache
def _glossary() -> tuple[tuple[str, ...], ...]:
    told = yamls.load((files(__package__) / "glossary.yaml").read_text("utf-8"))
    return tuple(tuple(it.replace("ё", "е") for it in ideas) for ideas in told)
