"""Where a text may name something that no list knows, and what speaks for and against a company there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .cues import kind_of, noun, verb
from .cues import words as cue_words
from .inflection import GOVERNED, is_common, nominative, parses, plain
from .page import Page, Sentence, Span, Word
from .tagger import Tagged

MAX_WORDS = 6
_NAME_GAP = re.compile(r"[\s«»\"“”„(]*")
_LATIN_GAP = re.compile(r" (?:(?:of|for|and|the|&) )?")
_LATIN_NAME = re.compile(r"(?=.*[A-Z])(?:[A-Z0-9]|[a-z]+[A-Z])[A-Za-z0-9_.&'’+-]*")
_INITIALS = re.compile(r"[А-ЯЁ]{3,8}")
_SHAPED = re.compile(
    r"[a-z][A-Z]|[а-яё][А-ЯЁ]|\d[A-ZА-ЯЁ]|[A-Za-z]\d|\w\.(?:ru|com|io|biz|ai|net|tech|ру|рф)$"
)
_DOTTED = re.compile(r"[A-ZА-ЯЁ][\w-]*\.[\w-]+")
_COMPOUND = re.compile(r"-[а-яё]+$")
_APPOSITION = re.compile(r"[»\"“”]?\s*(?:,|—|–|\()\s*")


def unknown_spans(page: Page, known: Sequence[Span], tagged: Sequence[Tagged]) -> list[Span]:
    """Quotes, then tagged organisations, then Latin, dotted and all-capital names; none overlap."""
    taken: list[Span] = list(known)
    chosen: list[Span] = []
    sources: tuple[Iterable[Span], ...] = (
        _quoted(page),
        _tagged(page, tagged),
        _latin(page),
        _shaped(page, _DOTTED),
        _shaped(page, _INITIALS),
    )
    for source in sources:
        for span in source:
            if not any(span.overlaps(other) for other in taken):
                taken.append(span)
                chosen.append(span)
    return sorted(chosen, key=lambda span: span.start)


@dataclass(frozen=True)
class Reading:
    """A name at one place: the likely nominative and the cues seen around it (keys of ner.POINTS)."""

    name: str
    cues: frozenset[str]


def read(page: Page, span: Span, tagged: Sequence[Tagged]) -> Reading:
    """What the page says of the name at `span`, which must stand inside one of its sentences."""
    sentence = page.sentence_at(span.start)
    assert sentence is not None, "a span comes from a sentence"
    text = page.text[span.start : span.stop]
    quoted = page.quoted(span)
    before = list(_words_before(page, sentence, span))
    heads = [kind for kind in (kind_of(noun(word.text) or "") for word in before) if kind]
    name = nominative(text, _cases(before, heads, quoted=quoted))
    cues = {*_shape(page, sentence, span, quoted=quoted), *_by_tagger(span, tagged, quoted=quoted)}
    if heads and (name == text or not quoted or heads[0] == "holder"):
        # «разработчик „X“» is X; «разработчик „Ё-мобиля“» only makes it.
        cues.add(heads[0])
    cues.add(_apposition(page, sentence, span) or "")
    if before and plain(before[0].text) in cue_words("legal"):
        cues.add("legal")
    if before and verb(before[0].text) in cue_words("telling"):
        cues.add("media")
    return Reading(name, frozenset(cues - {""}))


def _quoted(page: Page) -> Iterator[Span]:
    for quote in page.quotes:
        words = _words(page, quote)
        if 0 < len(words) <= MAX_WORDS and not words[0].text[0].islower():
            yield Span(words[0].start, max(words[-1].stop, quote.stop))


def _tagged(page: Page, tagged: Sequence[Tagged]) -> Iterator[Span]:
    for span in tagged:
        # The tagger cuts "Битрикс24" in two and takes quotes and legal forms along: whole words are names.
        words = _words(page, span) if span.kind == "ORG" else []
        words = [word for word in words if plain(word.text) not in cue_words("legal")]
        if len(words) > 1 and words[0].first and kind_of(noun(words[0].text) or ""):
            words = words[1:]
        if words and not words[0].text[0].islower() and len(words) <= MAX_WORDS:
            yield Span(words[0].start, words[-1].stop)


def _latin(page: Page) -> Iterator[Span]:
    for sentence in page.sentences:
        run: list[Word] = []
        for word in sentence.words:
            latin = bool(_LATIN_NAME.fullmatch(word.text))
            if run and not (latin and _LATIN_GAP.fullmatch(page.text, run[-1].stop, word.start)):
                yield Span(run[0].start, run[-1].stop)
                run = []
            if latin:
                run.append(word)
        if run:
            yield Span(run[0].start, run[-1].stop)


def _shaped(page: Page, shape: re.Pattern[str]) -> Iterator[Span]:
    for sentence in page.sentences:
        for word in sentence.words:
            if shape.fullmatch(word.text):
                yield Span(word.start, word.stop)


def _words(page: Page, span: Span) -> list[Word]:
    sentence = page.sentence_at(span.start)
    return [word for word in sentence.words if span.overlaps(word)] if sentence else []


def _shape(page: Page, sentence: Sentence, span: Span, *, quoted: bool) -> Iterator[str]:
    words = [word for word in sentence.words if span.overlaps(word)]
    text = page.text[span.start : span.stop]
    common = all(is_common(word.text) for word in words)
    if quoted:
        yield "quoted"
    if len(words) > 1:
        last = plain(words[-1].text)
        yield "firm" if last in cue_words("firm") else "tail" if last in cue_words("tail") else ""
    if _SHAPED.search(text):
        yield "shape"
    if common and (len(words) == 1 or not quoted):
        yield "common"
    if not quoted and (_COMPOUND.search(text) or (common and words[0].first)):
        yield "plain"


def _by_tagger(span: Span, tagged: Sequence[Tagged], *, quoted: bool) -> Iterator[str]:
    for other in tagged:
        if span.overlaps(other):
            if other.kind == "ORG":
                yield "tagged"
            elif not quoted:
                yield "person" if other.kind == "PER" else "place"


def _words_before(page: Page, sentence: Sentence, span: Span) -> Iterator[Word]:
    """The words before the name, nearest first, up to punctuation or a preposition, five at most."""
    edge = span.start
    for word in [word for word in reversed(sentence.words) if word.stop <= span.start][:5]:
        if not _NAME_GAP.fullmatch(page.text, word.stop, edge):
            return
        yield word
        if plain(word.text) in GOVERNED or plain(word.text) in ("и", "или") or verb(word.text):
            return
        edge = word.start


def _cases(before: list[Word], heads: list[str], *, quoted: bool) -> tuple[str, ...]:
    """What the words before ask of the name: «в операторе „X“» nothing, «покупку „X“» the genitive."""
    if not before:
        return ()
    nearest = plain(before[0].text)
    if nearest in GOVERNED:
        return GOVERNED[nearest]
    if nearest in cue_words("legal") or (heads and heads[0] != "holder"):
        return ()
    return ("gent",) if parses(nearest)[0].tag.POS == "NOUN" else ()


def _apposition(page: Page, sentence: Sentence, span: Span) -> str | None:
    """What follows in apposition: «„Сказбуку“, платформу игр» -> service."""
    opening = _APPOSITION.match(page.text, span.stop)
    if opening is None:
        return None
    for word in [word for word in sentence.words if word.start >= opening.end()][:3]:
        part = parses(plain(word.text))[0].tag.POS
        if part == "NOUN":
            kind = kind_of(noun(word.text) or "")
            return kind if kind != "holder" else None
        if part not in ("ADJF", "PRTF"):
            return None
    return None
