"""Who did it and to whom: the names around a verb, by word order, prepositions and case."""

from __future__ import annotations

import re
from .clauses import Line

_FAR = 10.0
_CONJUNCTIONS = frozenset({",", "и", "а", "также", "в", "с", "со"})
# Prepositions of whatever is not the direct object.
_ASIDE = frozenset(
    "у от до из без для против после около среди к ко благодаря с со над под перед между о об обо при за про"
    " через по из-за ради вместе на".split()
)
_SHARE = re.compile(r"дол[яюеий]\w*|пакет\w*|акци[ийя]\w*|%|контрол\w*|процент\w*|капитал\w*|участи\w+")
_GROUP = frozenset("экосистема группа холдинг команда структура структуры компания дочка подразделение".split())
_BREAK = frozenset({";", ":"})


def agent(line: Line, verb: int) -> int | None:
    """The company that acts: the nearest on the left that may be the subject, else one right after."""
    left = [(_oddity(line, place, verb), place) for place in line.of_kind("o") if place < verb]
    best = min(left, default=(_FAR, -1))
    if best[0] < _FAR:
        return best[1]
    for place in line.of_kind("o"):
        if verb < place <= verb + 3 and not line.tokens[place].declined and not line.preposition(place):
            return place
    return None


def targets(line: Line, verb: int, doer: int | None) -> list[int]:
    """The companies it was done to: the nearest object on the right and those joined to it."""
    right = [place for place in line.of_kind("o") if place > verb and place != doer]
    share = next((at for at, token in enumerate(line.tokens) if at > verb and _SHARE.fullmatch(token.word)), None)
    if share is not None:
        held = [place for place in right if place > share and line.preposition(place) in ("в", "во")]
        if held:
            return joined(line, held[0])
    direct = [
        place
        for place in right
        if line.preposition(place) not in _ASIDE
        and (line.preposition(place) not in ("в", "во") or share is not None)
    ]
    if direct and not _broken(line, verb, direct[0]):
        return joined(line, direct[0])
    left = [place for place in line.of_kind("o") if place < verb and place != doer]
    fronted = [place for place in left if line.tokens[place].declined and not line.preposition(place)]
    return fronted[-1:]


def joined(line: Line, place: int) -> list[int]:
    """The name at `place` and the names joined to it by commas and «и»."""
    found = [place]
    at = place + 1
    while at < len(line.tokens):
        if line.tokens[at].kind == "o":
            found.append(at)
        elif line.tokens[at].word not in _CONJUNCTIONS:
            break
        at += 1
    return found


def after(line: Line, place: int, words: str, reach: int = 6) -> int | None:
    """The first company governed by one of these prepositions within reach to the right."""
    wanted = words.split()
    for other in line.of_kind("o"):
        if place < other <= place + reach and line.preposition(other) in wanted:
            return other
    return None


def nearest(line: Line, place: int, kinds: str) -> int | None:
    """The name of these kinds closest to the place."""
    return min(line.of_kind(kinds), key=lambda other: abs(other - place), default=None)


def _oddity(line: Line, place: int, verb: int) -> float:
    """How unlike a subject the name is: distance, and _FAR for what grammar rules out."""
    token = line.tokens[place]
    away = 0.05 * (verb - place)
    if line.preposition(place):
        return _FAR
    if token.declined:
        before = line.tokens[place - 1].word if place else ""
        return 2 + away if before in _GROUP and not _governed_group(line, place - 1) else _FAR
    if any(other.word in _BREAK for other in line.tokens[place:verb]):
        return _FAR
    return away + (1 if line.is_attribute(place) and place + 1 != verb else 0)


def _governed_group(line: Line, place: int) -> bool:
    return place > 0 and line.tokens[place - 1].word in _ASIDE


def _broken(line: Line, start: int, stop: int) -> bool:
    return any(token.word in _BREAK for token in line.tokens[start:stop])


