"""What a word may be: a part of a Russian name by pymorphy3's dictionary, a Latin given name by a list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

_NAMES = Path(__file__).with_name("given_names.txt")


_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_PATRONYMIC = re.compile(r"(?:[оеё]вич|ьич|[оеё]вн|ичн)(?:[аыуеи]|ем|ой|ам|ами|ах)?$")


@dataclass(frozen=True, slots=True)
class Word:
    """A word where it stands; what it may be is looked up at need."""

    start: int
    stop: int
    text: str

    @property
    def capital(self) -> bool:
        return self.text[0].isupper() or (
            len(self.text) > 2 and self.text[1] == "'" and self.text[2].isupper()
        )

    @property
    def small(self) -> bool:
        return self.cyrillic and self.text.islower()

    @property
    def initial(self) -> bool:
        return len(self.text) == 1 and self.text.isupper()

    @property
    def cyrillic(self) -> bool:
        return self.text[0] >= "\u0400"

    @property
    def personal(self) -> float:
        if self.cyrillic:
            return russian(self.text.lower()).personal
        return {"sure": 1.0, "word": 0.3}.get(latin(self.text.lower()), 0.0)

    @property
    def given(self) -> bool:
        return russian(self.text.lower()).given if self.cyrillic else bool(latin(self.text.lower()))

    @property
    def patronymic(self) -> bool:
        return bool(_PATRONYMIC.search(self.text.lower()))

    @property
    def common_given(self) -> bool:
        return self.text in _given()[2] or self.patronymic

    @property
    def known(self) -> bool:
        return self.cyrillic and russian(self.text.lower()).known

    @property
    def place(self) -> bool:
        return self.cyrillic and russian(self.text.lower()).place

    @property
    def firm(self) -> bool:
        """A firm's name, or an abbreviation that is no name."""
        short = self.text.isupper() and 1 < len(self.text) <= 4
        return (self.cyrillic and russian(self.text.lower()).firm) or (short and self.personal < 0.5)

    @property
    def settled(self) -> bool:
        """The dictionary leaves nothing for NER to say."""
        if not self.cyrillic:
            return not latin(self.text.lower())
        reading = russian(self.text.lower())
        return reading.known and (reading.personal < 0.02 or (reading.personal > 0.98 and not reading.place))


def words_of(text: str) -> list[Word]:
    return [Word(*match.span(), match[0]) for match in _WORD.finditer(text)]


@dataclass(frozen=True, slots=True)
class Reading:
    """personal: how likely a name, 0 to 1; given: a first name or a patronymic; place, firm: may be that too.

    known: the dictionary has the word.
    """

    personal: float
    given: bool
    place: bool
    firm: bool
    known: bool


@cache
def _analyzer() -> Any:
    """pymorphy3's dictionary, loaded at the first need (0.1 s)."""
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer()


@lru_cache(maxsize=65_536)
def russian(word: str) -> Reading:
    """Of a lower-case word; one with a hyphen is as personal as its most personal half."""
    if "-" in word:
        return max(
            (russian(half) for half in word.split("-") if half), key=lambda half: half.personal, default=_NONE
        )
    if not _analyzer().word_is_known(word):
        return _NONE
    parses = [(set(parse.tag.grammemes), parse.score) for parse in _analyzer().parse(word)]
    # A possessive (Петров = Пётр's) is still said of a person.
    personal = [(tags, score) for tags, score in parses if {"Name", "Surn", "Patr", "Poss"} & tags]
    total = sum(score for _, score in parses) or 1.0
    return Reading(
        sum(score for _, score in personal) / total,
        any({"Name", "Patr"} & tags and score > 0.05 for tags, score in personal),
        any("Geox" in tags for tags, _ in parses),
        any({"Orgn", "Trad"} & tags for tags, _ in parses),
        True,
    )


@lru_cache(maxsize=65_536)
def acts(word: str) -> bool:
    """A verb: what stands before it does something."""
    return any(parse.tag.POS == "VERB" for parse in _analyzer().parse(word)[:2])


_NONE = Reading(0.0, False, False, False, False)


@cache
def _given() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Latin given names that are nothing else, those that are words too, and Russian ones in every case."""
    lines = [line for line in _NAMES.read_text("utf-8").splitlines() if not line.startswith("#")]
    sure, words, common = (frozenset(part.split()) for part in re.split("[?!]", " ".join(lines)))
    return sure - words, words, frozenset(form for name in common for form in _forms(name))


def _forms(name: str) -> Iterator[str]:
    for parse in _analyzer().parse(name):
        if "Name" in parse.tag and parse.normal_form == name:
            yield from (str(form.word) for form in parse.lexeme)


@lru_cache(maxsize=65_536)
def latin(word: str) -> str:
    """`sure`, `word` (a name that is a word too) or nothing, of a lower-case Latin word."""
    sure, words, _ = _given()
    if word in sure:
        return "sure"
    if word in words:
        return "word"
    reading = russian(_cyrillic(word)) if len(word) > 3 else _NONE
    return "sure" if reading.given and reading.personal > 0.9 else ""


_LETTERS = {
    **{"shch": "щ", "sch": "щ", "zh": "ж", "kh": "х", "ts": "ц", "ch": "ч", "sh": "ш", "yu": "ю", "ya": "я"},
    **{"yo": "ё", "ye": "е", "iy": "ий", "ia": "ия", "iu": "ю", "ks": "кс", "x": "кс", "ph": "ф"},
    **dict(zip("abvgdezijklmnoprstufhcywq", "абвгдезийклмнопрстуфхцивк", strict=True)),
}
_LATIN = re.compile("|".join(sorted(_LETTERS, key=len, reverse=True)))


def _cyrillic(word: str) -> str:
    """A likely Cyrillic writing: sergey -> сергей, yulia -> юлия."""
    word = re.sub(r"(?<=[aeou])y(?![aou])", "j", word)
    return _LATIN.sub(lambda match: _LETTERS[match[0]], word)
