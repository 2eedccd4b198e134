"""Known names in a text, declined or not: one look-up a word, however many names are known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise, product

from .inflection import forms, is_common, parses, plain, stem, stems
from .page import Page, Sentence, Span, Word

_WORDS = re.compile(r"[^\W_]+(?:[.&'’+\-‑_][^\W_]+)*\+*", re.UNICODE)
_LATIN = re.compile(r"[A-Za-z]")
_BEING = frozenset({"быть", "стать", "оказаться", "состоять", "стоить", "позволять", "означать", "служить"})
_GAP = re.compile(r"[\s«»\"“”„!]{1,3}")


@dataclass(frozen=True)
class Known:
    """A name and the other names that texts use for it. `company_id` is None while only the brand is known.

    An alias in guillemets («Точка») counts only where the text quotes it, the name of the same spelling too.
    `kind` is `company`, or what else bears the name: media, government, venue, technology.
    """

    name: str
    aliases: tuple[str, ...] = ()
    domain: str | None = None
    company_id: str | None = None
    kind: str = "company"


@dataclass(frozen=True)
class Hit(Span):
    known: Known
    sure: bool = True


@dataclass(frozen=True)
class _Alias:
    words: tuple[str, ...]
    quoted_only: bool
    known: Known


class Gazetteer:
    """Finds the names of `known` by the stems of an alias's first two words; earlier entries win a tie."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._aliases: dict[tuple[str, ...], list[_Alias]] = {}
        for entry in known:
            for alias in dict.fromkeys((*entry.aliases, entry.name)):
                if f"«{alias}»" not in entry.aliases:
                    self._add(alias, entry)

    def find(self, page: Page) -> list[Hit]:
        """The hits in order, none overlapping, the longest at each place; an unsure one needs support."""
        hits: list[Hit] = []
        for sentence in page.sentences:
            at = 0
            while at < len(sentence.words):
                found = self._longest(page, sentence, at)
                if found is None:
                    at += 1
                    continue
                alias, count = found
                hits.append(_hit(page, sentence.words[at : at + count], alias))
                at += count
        return hits

    def _add(self, alias: str, known: Known) -> None:
        words = tuple(_WORDS.findall(alias))
        if words:
            entry = _Alias(words, alias.startswith("«"), known)
            for key in product(*(stems(word) for word in words[:2])):
                self._aliases.setdefault(key, []).append(entry)

    def _longest(self, page: Page, sentence: Sentence, at: int) -> tuple[_Alias, int] | None:
        start = tuple(stem(word.text) for word in sentence.words[at : at + 2])
        best: _Alias | None = None
        for alias in (*self._aliases.get(start, ()), *self._aliases.get(start[:1], ())):
            if (best is None or len(alias.words) > len(best.words)) and _matches(page, sentence, at, alias):
                best = alias
        return (best, len(best.words)) if best else None


def _matches(page: Page, sentence: Sentence, at: int, alias: _Alias) -> bool:
    words = sentence.words[at : at + len(alias.words)]
    if len(words) < len(alias.words):
        return False
    if not all(
        _is_form(word.text, name, first=i == 0)
        for i, (word, name) in enumerate(zip(words, alias.words, strict=True))
    ):
        return False
    if not all(_GAP.fullmatch(page.text, left.stop, right.start) for left, right in pairwise(words)):
        return False
    return not alias.quoted_only or page.quoted(Span(words[0].start, words[-1].stop))


def _is_form(word: str, name: str, *, first: bool) -> bool:
    return plain(word) in forms(name) and _written_as_name(word, name, first=first)


def _written_as_name(word: str, name: str, *, first: bool) -> bool:
    """A brand's capitals tell it from the common word: «Контур», not «контур»; Slack, not slack."""
    if word == name or not first:
        return True
    if name.islower():
        return True
    if name.isupper() and len(name) < 4 and not _LATIN.search(name):
        return word[: len(name)] == name
    return any(letter.isupper() for letter in word)


def _acts(page: Page, word: Word) -> bool:
    """«Контур ищет инженеров»: a verb follows that no outline of a task would have."""
    sentence = page.sentence_at(word.start)
    following = (
        next((other for other in sentence.words if other.start >= word.stop), None) if sentence else None
    )
    if following is None or not _GAP.fullmatch(page.text, word.stop, following.start):
        return False
    verb = parses(plain(following.text))[0]
    return verb.tag.POS == "VERB" and verb.normal_form not in _BEING and not verb.normal_form.endswith("ся")


def _hit(page: Page, words: tuple[Word, ...], alias: _Alias) -> Hit:
    span = Span(words[0].start, words[-1].stop)
    # At the head of a sentence every word has a capital: «Контур задачи ясен».
    common = words[0].first and all(is_common(word.text) for word in words)
    doubtful = common and not any(page.quoted(word) for word in words) and not _acts(page, words[-1])
    return Hit(span.start, span.stop, alias.known, sure=not doubtful)
