"""What the words around a name say of its bearer: the lists of cues.yaml, and the lemmas to look for."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

from tools import yamls

from .inflection import parses, plain

_KINDS = ("company", "holder", "service", "media", "other")


@cache
def words(name: str) -> frozenset[str]:
    """A list of cues.yaml."""
    return frozenset(str(_lists()[name]).split())


@cache
def _lists() -> dict[str, str]:
    text = files(__package__).joinpath("cues.yaml").read_text(encoding="utf-8")
    lists: dict[str, str] = yamls.load(text)
    return lists


def kind_of(lemma: str) -> str | None:
    """What a head noun says: company, holder, service, media or other."""
    return next((kind for kind in _KINDS if lemma in words(kind)), None)


@lru_cache(maxsize=16_384)
def noun(word: str) -> str | None:
    """The word's lemma if it may be a noun, a listed one first; «ИТ-компанией» -> компания."""
    lemmas = [plain(parse.normal_form) for parse in parses(plain(word)) if parse.tag.POS == "NOUN"]
    if "-" in word:
        # «AI-стартап» is no word of the dictionary, its last part is.
        last = parses(plain(word.rsplit("-", 1)[-1]))
        lemmas += [plain(parse.normal_form) for parse in last if parse.tag.POS == "NOUN"]
    listed = [lemma for lemma in (*lemmas, plain(word)) if kind_of(lemma)]
    return next(iter((*listed, *lemmas)), None)


@lru_cache(maxsize=16_384)
def verb(word: str) -> str | None:
    """The word's infinitive if it is a verb."""
    parse = parses(plain(word))[0]
    return str(parse.normal_form) if parse.tag.POS in ("VERB", "INFN") else None
