"""A text cut into what the scout reads: sentences, words and quotes, each with its place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from razdel import sentenize

_WORD = re.compile(r"[^\W_]+(?:[.&'’+\-‑_][^\W_]+)*\+*", re.UNICODE)
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.-]+|(?<!\S)@\w+|\b[\w-]+(?:\.[\w-]+)+/\S*", re.IGNORECASE
)
_QUOTED = re.compile(r"«([^«»\n]{1,80})»|“([^“”\n]{1,80})”|„([^„“”\n]{1,80})[“”]|\"([^\"\n]{1,80})\"")
_LINE = re.compile(r"[^\n]+")
_PART = re.compile(r"\S.*?(?:[.!?…]+(?=\s)|$)", re.DOTALL | re.MULTILINE)
# Text that talks to a machine instead of a reader. It is no news, so nothing in it is a company or an event.
_MACHINE = (
    r"(?:the\s+)?(?:модел|ии\b|нейросет|ассистент|бот|агент|парсер|llm|ai\b|model|assistant|agent|bot|parser)"
)
_COMMAND = re.compile(
    r"^\W*(?:system|assistant|user|ai|llm|система|ассистент|модель|нейросеть)\s*:"
    r"|^\W*(?:(?:to|for) (?:the )?(?:model|assistant|bot|agent|ai)|нейросет[ьи]|ассистенту)\s*:"
    rf"|^\W*(?:инструкция|команда|указание|note|instructions?)\s+(?:для|to|for)\s+{_MACHINE}[^:]{{0,30}}:"
    rf"|^\W*(?:важно|внимание|важное|attention|important)\W+(?:для\s+|to\s+|for\s+)?{_MACHINE}[^:]{{0,30}}:"
    r"|\b(?:ignore|disregard|forget|override|забудь|забудьте|игнорируй|игнорируйте|проигнорируй"
    r"|проигнорируйте|отмени|отмените|не следуй|не следуйте)\b[^.!?]{0,40}"
    r"\b(?:instruction|rule|prompt|above|previous|инструкци|правил|указани|промпт|предыдущ|прежни|выше\b)"
    r"|\b(?:запиши|запишите|внеси|внесите|занеси|занесите|record|write down|enter)\b[^.!?]{0,30}"
    r"\b(?:факт|баз[уыае]\b|ответ|fact|database|answer)"
    r"|\b(?:поставь|поставьте|присвой|присвойте|выстави|выставите|give|assign|set|mark)\b[^.!?]{0,60}"
    r"(?:\b(?:score|балл|оценк|рейтинг|скор)|\b1[.,]0\b|\bmax|\btop\b)"
    r"|\bне (?:извлекай|извлекайте|упоминай|включай)\b"
    r"|\b(?:верни|верните|return) (?:пуст|json|an? empty|only)"
    r"|\b(?:ты|you are) (?:теперь|now|an? (?:ai|assistant|language model))\b"
    r"|\b(?:score|балл|оценка|рейтинг)\b[^.!?]{0,40}(?:\bis|[=:—-]|\bравн\w+)\s*1[.,]0"
    r"|</?(?:data|system|assistant|user|prompt|instructions?)>|<\|\w+\|>|\[/?(?:inst|system)\]",
    re.IGNORECASE,
)
# A word of two alphabets hides what it says: «Игнopиpyй».
_MIXED = re.compile(r"[A-Za-z][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-z]")
_LATIN, _CYRILLIC = "aceopxyikmtbhgjs", "асеорхуікмтвнԍјѕ"
_AS_LATIN = str.maketrans(_CYRILLIC + "и", _LATIN + "u")
_AS_CYRILLIC = str.maketrans(_LATIN + "un", _CYRILLIC + "ип")


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
        if not _commands(self.text[piece.start : piece.stop]):
            return (piece,)
        parts = [Span(*match.span()) for match in _PART.finditer(self.text, piece.start, piece.stop)]
        return tuple(part for part in parts if not _commands(self.text[part.start : part.stop]))

    @cached_property
    def _addresses(self) -> tuple[Span, ...]:
        return tuple(Span(*match.span()) for match in _ADDRESS.finditer(self.text))

    def _words(self, start: int, stop: int) -> tuple[Word, ...]:
        words: list[Word] = []
        for match in _WORD.finditer(self.text, start, stop):
            if not any(address.start <= match.start() < address.stop for address in self._addresses):
                words.append(Word(match[0], *match.span(), first=not words))
        return tuple(words)


def _commands(text: str) -> bool:
    """Whether the text talks to a machine, in whichever alphabet its letters are."""
    if _COMMAND.search(text):
        return True
    if not _MIXED.search(text):
        return False
    low = text.lower()
    return any(_COMMAND.search(low.translate(fold)) for fold in (_AS_LATIN, _AS_CYRILLIC))
