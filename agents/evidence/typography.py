"""Quotation marks, dashes and no-break spaces, as a careful typist sets them.

Only marks and spaces change: letters and digits stay as they were.
Russian: «ёлочки» with „лапки“ inside (Milchin's handbook, the usual rule of Russian print).
"""

from __future__ import annotations

import re

NBSP = "\u00a0"

_MARKS = {"ru": (("«", "»"), ("„", "“")), "en": (("“", "”"), ("‘", "’"))}
_OPENING, _CLOSING, _EITHER = "«„", "»”", '"“'
_SHORT = {
    "ru": "а|в|и|к|о|с|у|я|во|до|за|из|ко|мы|на|не|ни|но|об|от|по|со|то|вы|их|для|без|или|над|под|при|про",
    "en": "a|i",
}
_UNITS = r"%|₽|руб|тыс|млн|млрд|трлн|год|долл|million|billion|thousand|percent"
_AFTER_SHORT = {
    lang: re.compile(rf"(?<![^\s(«„“])({words})[ {NBSP}]+(?=\S)", re.IGNORECASE)
    for lang, words in _SHORT.items()
}
_BEFORE_DASH = re.compile(rf"[ {NBSP}]+[-–—][ {NBSP}]+")
_BEFORE_UNIT = re.compile(rf"(?<=\d)[ {NBSP}](?=(?:{_UNITS})|\d)")
_SPACES = re.compile(r"[ \t\r\n]+")


def polish(text: str, lang: str) -> str:
    """The text as one line in the typography of its language; lang: ru | en."""
    line = _SPACES.sub(" ", text).strip().replace("...", "…")
    line = _quote(line, _MARKS[lang])
    line = _BEFORE_DASH.sub(f"{NBSP}— ", line)
    line = _BEFORE_UNIT.sub(NBSP, line)
    return _AFTER_SHORT[lang].sub(lambda found: found[1] + NBSP, line)


def plain(text: str) -> str:
    """For comparing: lower case, every kind of quote as one, ordinary spaces, е for ё."""
    line = re.sub(r'[«»„“”"‘’\']', '"', text.casefold().replace("ё", "е"))
    return " ".join(line.split())


def shorten(text: str, length: int) -> str:
    """At most `length` characters, cut between words and marked with «…» where it was cut."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[: length - 1].rsplit(" ", 1)[0]
    return cut.rstrip(" ,;:—–-.") + "…"


def _quote(line: str, marks: tuple[tuple[str, str], tuple[str, str]]) -> str:
    depth, out = 0, []
    for place, mark in enumerate(line):
        kind = _kind(mark, line[place - 1] if place else " ")
        if kind == "open":
            out.append(marks[min(depth, 1)][0])
            depth += 1
        elif kind == "close" and depth:
            depth -= 1
            out.append(marks[min(depth, 1)][1])
        else:
            out.append(mark)
    return "".join(out)


def _kind(mark: str, before: str) -> str:
    if mark in _OPENING:
        return "open"
    if mark in _CLOSING:
        return "close"
    if mark in _EITHER:
        return "open" if before.isspace() or before in "([—–-/" + _OPENING else "close"
    return "text"
