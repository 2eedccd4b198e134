"""A text cut into what the scout reads: sentences, words and quotes, each with its place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from razdel import sentenize

from agents.evidence.orders import to_readers

_WORD = re.compile(r"[^\W_]+(?:[.&'’+\-‑_][^\W_]+)*\+*", re.UNICODE)
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.-]+|(?<!\S)@\w+|\b[\w-]+(?:\.[\w-]+)+/\S*", re.IGNORECASE
)
_QUOTED = re.compile(r"«([^«»\n]{1,80})»|“([^“”\n]{1,80})”|„([^„“”\n]{1,80})[“”]|\"([^\"\n]{1,80})\"")
_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True)
class Word:
    """`first`: nothing but punctuation stands before it in its sentence."""

    text: str
    start: int
    stop: int
    first: bool = False


@dataclass(frozen=True)
class Span:
    start: int
    stop: int

    def holds(self, other: Span | Word) -> bool:
        return self.start <= other.start and other.stop <= self.stop

    def overlaps(self, other: Span | Word) -> bool:
        return self.start < other.stop and other.start < self.stop


@dataclass(frozen=True)
class Sentence(Span):
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Page:
    """Visible text; its sentences leave out addresses and whatever is addressed to a machine."""

    text: str

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(
            Sentence(said.start, said.stop, self._words(said.start, said.stop))
            for line in _LINE.finditer(self.text)
            for piece in sentenize(line[0])
            for said in self._to_readers(Span(line.start() + piece.start, line.start() + piece.stop))
        )

    @cached_property
    def readable(self) -> str:
        """The text with blanks in place of what is addressed to a machine; every place is the same."""
        kept = list(" " * len(self.text))
        for sentence in self.sentences:
            kept[sentence.start : sentence.stop] = self.text[sentence.start : sentence.stop]
        return "".join(kept)

    @cached_property
    def quotes(self) -> tuple[Span, ...]:
        """What stands inside quotation marks, without the marks."""
        return tuple(
            Span(*match.span(match.lastindex or 0))
            for match in _QUOTED.finditer(self.text)
            if any(sentence.start <= match.start() < sentence.stop for sentence in self.sentences)
        )

    def sentence_at(self, place: int) -> Sentence | None:
        return next((one for one in self.sentences if one.start <= place < one.stop), None)

    def quoted(self, span: Span | Word) -> bool:
        return any(quote.holds(span) for quote in self.quotes)

    def _to_readers(self, piece: Span) -> tuple[Span, ...]:
        return tuple(Span(*part) for part in to_readers(self.text, piece.start, piece.stop))

    @cached_property
    def _addresses(self) -> tuple[Span, ...]:
        return tuple(Span(*match.span()) for match in _ADDRESS.finditer(self.text))

    def _words(self, start: int, stop: int) -> tuple[Word, ...]:
        words: list[Word] = []
        for match in _WORD.finditer(self.text, start, stop):
            if not any(address.start <= match.start() < address.stop for address in self._addresses):
                words.append(Word(match[0], *match.span(), first=not words))
        return tuple(words)
