"""The texts with their personal data marked: {KIND|value}."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tools.llm.residency import Finding

_MARK = re.compile(r"\{(\w+)\|([^}]*)\}")


@dataclass(frozen=True)
class Marked:
    text: str
    marks: tuple[tuple[int, int, str], ...]

    def missed(self, found: tuple[Finding, ...]) -> list[str]:
        """Values of which a letter or a digit is left."""
        hidden = {place for one in found for place in range(one.start, one.stop)}
        return [
            f"{kind} {self.text[start:stop]}"
            for start, stop, kind in self.marks
            if any(self.text[place].isalnum() and place not in hidden for place in range(start, stop))
        ]

    def false(self, found: tuple[Finding, ...]) -> list[str]:
        """What is nobody's."""
        return [
            f"{one.kind} {self.text[one.start : one.stop]}"
            for one in found
            if not any(one.start < stop and start < one.stop for start, stop, _ in self.marks)
        ]


def read(name: str) -> list[Marked]:
    lines = Path(__file__).with_name(name).read_text("utf-8").splitlines()
    return [_parsed(line) for line in lines if line and not line.startswith("#")]


def _parsed(line: str) -> Marked:
    text, marks, place = "", [], 0
    for mark in _MARK.finditer(line):
        text += line[place : mark.start()]
        marks.append((len(text), len(text) + len(mark[2]), mark[1]))
        text += mark[2]
        place = mark.end()
    return Marked(text + line[place:], tuple(marks))
