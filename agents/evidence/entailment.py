"""Whether facts say what a sentence says, as far as words and grammar show it.

A sentence that greets, asks or offers may have the words of letters and of any fact; one that tells
something must stand on the facts that it cites. Both must have a fact for whatever has happened already,
whatever was agreed, and whatever binds. Where the words are not known, silence is preferred to a claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .happening import asserted, denied, granted, happened
from .speech import Role, roles, russian, words
from .vocabulary import vocabulary

# Of the words that mean something, so many may be in no fact and in no list: where something is told for
# true, and where it is only thought of, asked or offered.
TOLD, THOUGHT = 0.25, 0.34

_FRAME: frozenset[Role] = frozenset({"frame", "occasion"})
_ACT: frozenset[Role] = frozenset({"frame", "occasion", "act"})
_BINDING: frozenset[Role] = frozenset({"history", "terms"})
_POSSIBLE = frozenset("бы б можно мочь could would can may might".split())  # noqa: SIM905


@dataclass(frozen=True)
class Support:
    """cited: the facts that the sentence points at; known: all facts; names: what needs no fact; quotes:
    whether the sentence quotes a fact besides what is looked at here."""

    cited: str
    known: str
    names: str
    quotes: bool = False

    def name(self, word: str) -> bool:
        return vocabulary(self.names).spells(word)


def asks_only(text: str, support: Support) -> bool:
    """Whether a sentence that asks or offers tells nothing beside it."""
    granted_known = all(_few_new(_meant(it, support), _FRAME, support) for it in granted(text))
    return granted_known and not _strict(text, support) and _few_new(_meant(text, support), _ACT, support)


def tells_known(text: str, support: Support) -> bool:
    """Whether the cited facts carry what the sentence tells."""
    meant, cited = _meant(text, support), vocabulary(support.cited)
    possible = bool(_POSSIBLE & set(words(text)))
    free = _ACT if possible else _FRAME
    states = [word for word in meant if "states" in roles(word) and not possible and not cited.carries(word)]
    told = [word for word in meant if cited.carries(word)]
    heavy = [word for word in meant if cited.carries(word) or not roles(word) & free]
    return (
        not (states or _strict(text, support))
        and _few_new(meant, free, support)
        and (support.quotes or bool(told))
        and 2 * len(told) >= len(heavy)
    )


def invents(text: str, support: Support) -> bool:
    """Whether it tells of something that has happened, was agreed or binds, and no cited fact does."""
    return _strict(text, support, past_only=True)


def _strict(text: str, support: Support, past_only: bool = False) -> bool:
    """Whether something in it that needs a fact has none."""
    cited = vocabulary(support.cited)
    binding = [word for word in words(text) if roles(word) & _BINDING]
    claims = [word for word in asserted(text) if not support.name(word)]
    if past_only:
        claims = [word for word in claims if happened(word) or not russian(word)]
    if any(not cited.carries(word) for word in (*binding, *claims)):
        return True
    past = any(happened(word) for word in claims)
    return past and (_hedged(support.cited) > _hedged(text) or denied(text) > denied(support.cited))


def _hedged(text: str) -> bool:
    return any("hedges" in roles(word) for word in words(text))


def _meant(text: str, support: Support) -> list[str]:
    """The words of it that mean something and are nobody's name."""
    return [word for word in words(text) if "small" not in roles(word) and not support.name(word)]


def _few_new(meant: Sequence[str], free: frozenset[Role], support: Support) -> bool:
    known = vocabulary(support.known)
    new = [word for word in meant if not roles(word) & free and not known.carries(word)]
    return len(new) <= (THOUGHT if "act" in free else TOLD) * len(meant)
