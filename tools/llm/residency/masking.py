"""A call with placeholders instead of personal data, and the vault with the values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..call import Call
from .detector import Detector
from .errors import Refused
from .finding import Finding, Kind, united
from .legible import legible, shown
from .vault import Vault
from .walk import walked
from .words import words_of

_DIGIT_RUN = re.compile(r"\d(?:[ .\-()/_\n]{0,3}\d){6,}")
_NUMERIC = frozenset((Kind.PHONE, Kind.INN, Kind.SNILS, Kind.PASSPORT, Kind.CARD, Kind.ACCOUNT))


def mask(call: Call, detector: Detector) -> tuple[Call, Vault]:
    """Errors: Refused where something cannot be looked into; any other error of the detector as it is."""
    seen = _Gather(detector)
    walked(call, seen)
    replaced = _Replace(seen.found)
    return walked(call, replaced), replaced.vault


def is_known(call: Call, detector: Detector) -> bool:
    """Whether every text of the call was seen before, so that masking it costs next to nothing."""
    seen = _Recall(detector)
    walked(call, seen)
    return seen.all


def _labelled(text: str, label: str) -> tuple[str, int]:
    """The text as it is detected, and where it begins: the key of a value may say what the value is."""
    before = f"{label}: " if 0 < len(label) <= 60 else ""
    return before + text, len(before)


class _Recall:
    """Has the detector seen everything?"""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.all = True

    def text(self, text: str, label: str = "") -> str:
        self.all = self.all and self._detector.recall(_labelled(legible(text), label)[0]) is not None
        return text

    def code(self, name: str) -> str:
        return self.text(name)


class _Gather:
    """What is found in every text by itself."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.found: dict[str, tuple[Finding, ...]] = {}

    def text(self, text: str, label: str = "") -> str:
        text = legible(text)
        whole, start = _labelled(text, label)
        found = [
            Finding(max(0, one.start - start), one.stop - start, one.kind)
            for one in self._detector.find(whole)
            if one.stop > start
        ]
        self.found[text] = united(text, (*self.found.get(text, ()), *found))
        return text

    def code(self, name: str) -> str:
        if self._detector.find(legible(name)):
            raise Refused("a name of a tool or of a schema looks like personal data")
        return name


class _Replace:
    """What was found anywhere in the call is replaced everywhere in it."""

    def __init__(self, found: dict[str, tuple[Finding, ...]]) -> None:
        self.vault = Vault()
        self._found = found
        self._words = dict(_needles(found))
        self._digits = dict(_digits(found))

    def text(self, text: str, label: str = "") -> str:
        text = legible(text)
        spans = united(text, (*self._found[text], *self._again(text)))
        out, place = [], 0
        for one in spans:
            out += [text[place : one.start], self.vault.put(one.kind, text[one.start : one.stop])]
            place = one.stop
        return "".join([*out, text[place:]])

    def code(self, name: str) -> str:
        return name

    def _again(self, text: str) -> Iterator[Finding]:
        for needle, kind in self._words.items():
            for start in _places(text, needle):
                yield Finding(start, start + len(needle), kind)
        for run in _DIGIT_RUN.finditer(shown(text)) if self._digits else ():
            places = [place for place in range(*run.span()) if text[place].isdigit()]
            digits = _bare(shown(run[0]))
            for needle, kind in self._digits.items():
                if (at := digits.find(needle)) >= 0:
                    yield Finding(places[at], places[at + len(needle) - 1] + 1, kind)


def _values(found: dict[str, tuple[Finding, ...]]) -> Iterator[tuple[Kind, str]]:
    for text, spans in found.items():
        yield from ((one.kind, text[one.start : one.stop]) for one in spans)


def _needles(found: dict[str, tuple[Finding, ...]]) -> Iterator[tuple[str, Kind]]:
    """Values, and the words of names: who was once «Джон Смит» is still somebody as «Смит»."""
    for kind, value in _values(found):
        if kind is Kind.PERSON:
            yield from ((word, kind) for word in _distinct(value))
        if len(value) > 2 and kind is not Kind.LITERAL:
            yield value, kind


def _distinct(name: str) -> Iterable[str]:
    """The words of a name that are no words of the language."""
    for word in words_of(name):
        plain = word.known and word.personal < 0.05
        if len(word.text) > 2 and word.capital and not plain:
            yield word.text


def _digits(found: dict[str, tuple[Finding, ...]]) -> Iterator[tuple[str, Kind]]:
    """A phone without its country's code, which may be written in two ways."""
    for kind, value in _values(found):
        digits = _bare(shown(value)) if kind in _NUMERIC else ""
        if len(digits) >= 7:
            yield (digits[-10:] if kind is Kind.PHONE else digits), kind


def _bare(text: str) -> str:
    return re.sub(r"\D", "", text)


def _places(text: str, needle: str) -> Iterator[int]:
    """Where the needle stands as a word."""
    at = text.find(needle)
    while at >= 0:
        stop = at + len(needle)
        inside = at > 0 and needle[0].isalnum() and text[at - 1].isalnum()
        if not (inside or (needle[-1].isalnum() and text[stop : stop + 1].isalnum())):
            yield at
        at = text.find(needle, at + 1)
