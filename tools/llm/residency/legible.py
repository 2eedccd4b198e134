"""A text without what hides personal data from a detector while every model reads through it."""

from __future__ import annotations

import re
import unicodedata

_ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")
# Soft hyphens, zero-width and direction marks; the joiner of emoji goes only from between letters.
_INVISIBLE = re.compile(r"[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_JOINER = re.compile(r"(?<=\w)\u200d(?=\w)")
_STRESS = re.compile(r"(?<=[а-яёА-ЯЁ])[\u0300\u0301]")
# A fence writes these as escapes, and JSON must.
_KEPT = frozenset('"\\<>&')

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_SPACES = "\t\x0b\x0c\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_SHOWN = str.maketrans(
    {
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys(_SPACES, " "),
        **dict.fromkeys("\u2019\u02bc\u2018\u0060\u00b4", "'"),
        "\uff20": "@",
        "\uff0e": ".",
        "\uff0b": "+",
    }
)
_JSON = re.compile(r"\\+(?:u[0-9a-fA-F]{4}|[nrtbf\"/\\])")
_BREAKS = {"n": "\n", "r": "\n"}
_DIGIT = re.compile(r"[^\D0-9]")


def legible(text: str) -> str:
    """What is sent instead of `text`: letters written as \\u0418 are letters, invisible signs are gone."""
    if "\\" in text:
        text = _ESCAPED.sub(_letter, text)
    if text.isascii():
        return text
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return _JOINER.sub("", _STRESS.sub("", text))


def shown(text: str) -> str:
    """As long as `text`, for detectors: one kind of space, dash and digit; JSON's escapes are blank."""
    if "\\" in text:
        text = _JSON.sub(_blank, text)
    if text.isascii():
        return text.replace("\t", " ")
    return _DIGIT.sub(lambda match: str(unicodedata.digit(match[0], 0)), text.translate(_SHOWN))


def _letter(match: re.Match[str]) -> str:
    letter = chr(int(match[1], 16))
    return letter if letter.isprintable() and letter not in _KEPT else match[0]


def _blank(match: re.Match[str]) -> str:
    said = match[0].lstrip("\\")
    sign = _BREAKS.get(said) or (said if said in ('"', "/") else " ")
    return " " * (len(match[0]) - 1) + sign
