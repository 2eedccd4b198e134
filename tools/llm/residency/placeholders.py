"""The form of a placeholder, and the forms that models make of it.

⟦PERSON_1⟧: brackets that hardly any text has, a word that tells the model what stands there, and a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .finding import Kind

_KINDS = "|".join(Kind)
_OPEN = r"(?:⟦|\\+u27e6)"
_CLOSE = r"(?:⟧|\\+u27e7)"
_DIGITS = r"\d{1,6}"

# With our bracket before it: any case, spaces, no underscore, another bracket or none after it.
# In capitals with its underscore: without our brackets too, or between square ones.
TOLERATED = re.compile(
    rf"{_OPEN}\s?(?P<a>(?i:{_KINDS}))[\s_\\-]{{0,3}}(?P<m>{_DIGITS})(?:\s?{_CLOSE}|\]|(?!\d))"
    rf"|\[(?P<b>{_KINDS})\\?_(?P<n>{_DIGITS})\]"
    rf"|(?<!\w)(?P<c>{_KINDS})\\?_(?P<o>{_DIGITS})(?:{_CLOSE}|(?!\w))",
)
# Whatever of this stood in the text before us must not be taken for ours afterwards.
_LITERAL = re.compile(
    rf"{_OPEN}\s?(?i:{_KINDS})[\s_\\-]{{0,3}}\d+(?:\s?{_CLOSE}|\])?|\[?(?:{_KINDS})\\?_\d+(?:{_CLOSE}|\])?"
)


def placeholder(kind: Kind, number: int) -> str:
    return f"⟦{kind}_{number}⟧"


def named(match: re.Match[str]) -> tuple[Kind, int]:
    """What a match of TOLERATED stands for."""
    kind = match["a"] or match["b"] or match["c"]
    return Kind(kind.upper()), int(match["m"] or match["n"] or match["o"])


def literals(text: str) -> Iterator[tuple[int, int]]:
    if "_" in text or "⟦" in text or "27e6" in text:
        yield from (match.span() for match in _LITERAL.finditer(text))


def unfinished(kinds: Iterable[Kind]) -> re.Pattern[str]:
    """The end of a text that what follows may make a placeholder of one of the kinds, or a longer one."""
    words = "|".join(sorted(kinds))
    begun = "|".join(_begun(kind) for kind in sorted(kinds))
    close = _begun(r"\u27e7")
    ours = r"⟦|\\+u27e6"
    return re.compile(
        rf"(?:(?:{ours})\s?(?i:{begun}|(?:{words})[\s_\\-]{{0,3}}(?:{_DIGITS}(?:\s?|\s?{close}))?)?"
        rf"|\\+(?:u(?:2(?:7(?:e)?)?)?)?"
        rf"|\[(?:{begun}|(?:{words})\\?_?(?:{_DIGITS})?)?"
        rf"|(?<!\w)(?:{begun}|(?:{words})\\?_?(?:{_DIGITS}(?:{close})?)?))\Z"
    )


def _begun(word: str) -> str:
    """A pattern of every beginning of the word but nothing."""
    pattern = ""
    for letter in reversed(word):
        pattern = re.escape(letter) + (f"(?:{pattern})?" if pattern else "")
    return pattern
