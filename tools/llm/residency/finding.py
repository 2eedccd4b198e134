"""Where personal data stands in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """LITERAL: no personal data, but what could be taken for one of our placeholders."""

    PERSON = "PERSON"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    INN = "INN"
    SNILS = "SNILS"
    PASSPORT = "PASSPORT"
    CARD = "CARD"
    ACCOUNT = "ACCOUNT"
    ADDRESS = "ADDRESS"
    LITERAL = "LITERAL"


@dataclass(frozen=True, slots=True)
class Finding:
    start: int
    stop: int
    kind: Kind


# What JSON would have to escape never becomes part of a value: it may be restored inside of JSON text.
_PART = re.compile(r"[^\"\\\x00-\x1f\x7f\u2028\u2029]*")


def united(text: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """In order and apart: what overlaps becomes one finding, of the kind of its longest part."""
    whole: list[tuple[Finding, int]] = []
    for one in sorted(findings, key=lambda each: (each.start, -each.stop)):
        if whole and one.start < whole[-1][0].stop:
            before, longest = whole[-1]
            size = one.stop - one.start
            kind = one.kind if size > longest else before.kind
            whole[-1] = (Finding(before.start, max(before.stop, one.stop), kind), max(size, longest))
        else:
            whole.append((one, one.stop - one.start))
    return tuple(part for one, _ in whole for part in _parts(text, one))


def _parts(text: str, one: Finding) -> Iterable[Finding]:
    for match in _PART.finditer(text, one.start, one.stop):
        part = match[0].strip()
        if any(char.isalnum() for char in part):
            start = match.start() + match[0].index(part)
            yield Finding(start, start + len(part), one.kind)
