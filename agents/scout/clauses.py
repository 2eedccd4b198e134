"""A sentence as a line of words in which every name is a token, so that patterns can speak of names.

«Яндекс» купил «Сказбуку» becomes `<o0> купил <o2>`: o company (sure or likely), g other organisation,
p person, l place, t other thing with a name. The number is the token's place in the line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from .cues import kind_of, noun, words
from .inflection import GOVERNED, forms, parses, plain
from .ner import Bearer
from .page import Page, Sentence, Span
from .tagger import Tagged

# «о покупке <o>»: the object of the deal, whatever governs the word for the deal.
_DEAL = re.compile(r"покупк|приобретени|поглощени|выкуп|консолидаци|слияни|продаж")
# «в капитал <o>» goes into <o> itself.
_INTO = frozenset({"капитал", "развитие", "проект", "бизнес", "акции"})
_TOKEN = re.compile(r"\w+(?:[-‑]\w+)*|[^\w\s«»\"“”„]")
LIKELY = 1
# «IPO», «CEO», «Мосбиржа» are words that patterns look for.
_PLAIN = ("technology", "venue")


@dataclass(frozen=True)
class Token(Span):
    """`word` is plain lower case or the placeholder of a name; `text` is what the page has there.

    `bearer` bears the name in o, g and t; `declined` says that the name is not in its nominative.
    """

    word: str
    text: str
    kind: str = "w"
    bearer: Bearer | None = None
    declined: bool = False


@dataclass(frozen=True)
class Line(Span):
    """A sentence; where it starts and stops in the page is where its quote does."""

    tokens: tuple[Token, ...]

    @cached_property
    def text(self) -> str:
        return " ".join(token.word for token in self.tokens)

    @cached_property
    def _offsets(self) -> list[int]:
        offsets, at = [], 0
        for token in self.tokens:
            offsets.append(at)
            at += len(token.word) + 1
        return offsets

    def text_from(self, place: int) -> str:
        return self.text[self._offsets[place] :] if place < len(self.tokens) else ""

    def of_kind(self, kinds: str) -> list[int]:
        return [place for place, token in enumerate(self.tokens) if token.kind in kinds]

    def preposition(self, place: int) -> str | None:
        """The preposition that governs the name, with or without its head noun: «у оператора <o>» -> у."""
        headed = nouns = 0
        for back in range(place - 1, max(place - 7, -1), -1):
            word = self.tokens[back].word
            if word in GOVERNED or word in ("по", "из-за", "ради"):
                return word if headed or not nouns else None
            if word in words("phrases") or is_head(word) or word in _INTO:
                headed += 1
            elif _is_noun(word) and not _DEAL.match(word):
                nouns += 1
            elif not _is_adjective(word):
                return None
        return None

    def is_attribute(self, place: int) -> bool:
        """True in «гендиректор <o>», where the name only says whose."""
        if place == 0 or self.tokens[place - 1].kind != "w":
            return False
        word = self.tokens[place - 1].word
        lemma = noun(word)
        is_noun = lemma is not None and parses(word)[0].tag.POS == "NOUN"
        return is_noun and kind_of(lemma or "") not in ("company", "service")


def lines(page: Page, bearers: Sequence[Bearer], tagged: Sequence[Tagged]) -> list[Line]:
    """The sentences that have words, in order."""
    named: list[tuple[Span, str, Bearer | None]] = [
        (span, _kind(bearer), bearer)
        for bearer in bearers
        if not (bearer.known and bearer.known.kind in _PLAIN)
        for span in bearer.spans
    ]
    taken = [span for span, _, _ in named]
    named += [
        (span, "p" if span.kind == "PER" else "l", None)
        for span in tagged
        if span.kind != "ORG" and not any(span.overlaps(other) for other in taken)
    ]
    taken = [span for span, _, _ in named]
    things = [quote for quote in page.quotes if not any(quote.overlaps(other) for other in taken)]
    named += [(quote, "t", None) for quote in things]
    named.sort(key=lambda entry: entry[0].start)
    return [_line(page, sentence, named) for sentence in page.sentences if sentence.words]


def _kind(bearer: Bearer) -> str:
    if bearer.known:
        return "o" if bearer.known.kind == "company" else "g"
    if bearer.points >= LIKELY:
        return "o"
    return "t"


def _line(page: Page, sentence: Sentence, named: Sequence[tuple[Span, str, Bearer | None]]) -> Line:
    tokens: list[Token] = []
    at = sentence.start
    for span, kind, bearer in named:
        if sentence.holds(span):
            tokens += _words(page, at, span.start)
            tokens.append(_named(page, span, len(tokens), kind, bearer))
            at = span.stop
    tokens += _words(page, at, sentence.stop)
    return Line(sentence.start, sentence.stop, tuple(tokens))


def _named(page: Page, span: Span, place: int, kind: str, bearer: Bearer | None) -> Token:
    text = page.text[span.start : span.stop]
    declined = bearer is not None and _is_declined(text, bearer)
    return Token(span.start, span.stop, f"<{kind}{place}>", text, kind, bearer, declined)


def _words(page: Page, start: int, stop: int) -> list[Token]:
    return [
        Token(*match.span(), plain(match[0]), match[0]) for match in _TOKEN.finditer(page.text, start, stop)
    ]


def is_head(word: str) -> bool:
    """True for «компания», «сервис», «ООО»: a word that introduces a name."""
    return kind_of(noun(word) or "") in ("company", "service") or word in words("legal")


def _is_declined(surface: str, bearer: Bearer) -> bool:
    known = bearer.known
    names = [name.strip("«»") for name in (known.name, *known.aliases)] if known else [bearer.name]
    if not surface[-1:].islower() or plain(surface) in map(plain, names):
        return False
    last = plain(surface).split()[-1]
    return any(last in forms(name.split()[-1]) - {plain(name.split()[-1])} for name in names)


def _is_noun(word: str) -> bool:
    return word.isalpha() and parses(word)[0].tag.POS == "NOUN"


def _is_adjective(word: str) -> bool:
    return word.isalpha() and parses(word)[0].tag.POS in ("ADJF", "PRTF")
