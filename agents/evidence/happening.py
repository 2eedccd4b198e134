"""Which words of a sentence say that something is so or has happened, in Russian by their grammar.

English verbs are known by their endings alone: there the past is told apart, and what goes on just now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.scout.inflection import parses

from .speech import lemmas, roles, russian, words

_CLAUSE = re.compile(r"[,;:()—–]|\s-\s")
# What a clause with these says, it does not say of the world.
_UNREAL = frozenset("бы б если ли чтобы чтоб пусть if whether unless".split())  # noqa: SIM905
_ASKS = frozenset(
    "кто кого кому кем ком где куда когда как сколько насколько какой чем чего что which what".split()  # noqa: SIM905
)
# Words of letters that tell no past, first as adjectives, then as verbs.
_OWN = (frozenset({"frame", "small", "occasion"}), frozenset({"occasion"}))
_POSSIBLE = frozenset("would could can may might should".split())  # noqa: SIM905
_MODAL = _POSSIBLE | {"to", "let"}
_BE = frozenset("is are am was were been re m".split())  # noqa: SIM905


# What a sentence that asks or offers takes for granted: its reasons, what it knows of others, thanks.
_GRANTED = re.compile(
    r"(?<!\w)(?:because|since|why|(?:which|whom|who|(?<!suggest )(?<!propose )(?<!hope )that)"
    r"(?= (?:your?|our|we|they|their)\b)|thank\w*(?: you)? for|потому что|поскольку|так как|ведь|почему"
    r"|(?:спасибо|благодар\w+)(?: вас| вам)? за)\s([^.!?]+)",
    re.IGNORECASE,
)


def granted(text: str) -> list[str]:
    """The parts of it that are told for true, whatever the whole does."""
    told = [found[1] for found in _GRANTED.finditer(text)]
    return [it for it in told if not (_UNREAL | _POSSIBLE) & set(words(it))]


def asserted(text: str) -> list[str]:
    """The words of the sentence that tell of something that is or was; what is asked, offered or only thought
    of tells nothing, but a past stays a past in a question too."""
    question = text.rstrip().endswith("?")
    told = [word for clause in _CLAUSE.split(text) for word in _asserted(words(clause), question)]
    unreal = "бы" in words(text)
    return [word for word in told if not (unreal and russian(word) and parses(word)[0].tag.POS == "GRND")]


def happened(word: str) -> bool:
    """Whether the word itself tells of the past."""
    if russian(word):
        return "past" in parses(word)[0].tag or parses(word)[0].tag.POS == "PRTS"
    return _english_past(word)


def _asserted(clause: list[str], question: bool) -> Iterator[str]:
    if _UNREAL & set(clause):
        return
    asks = question or any(lemmas(word) & _ASKS for word in clause[:2])
    for place, word in enumerate(clause):
        if (
            _is_told(word, asks)
            if russian(word)
            else _is_event(word, clause[max(0, place - 4) : place], asks)
        ):
            yield word


def _is_event(word: str, before: list[str], asks: bool) -> bool:
    """Of an English word, by the words before it; “which events are sent” tells of no sending."""
    if asks and before[-1:] in (["is"], ["are"]):
        return False
    going_on = (
        word.endswith("ing") and bool(_BE & set(before[-2:])) and not roles(word) & {"frame", "occasion"}
    )
    return (_english_past(word) or going_on) and not _MODAL & set(before)


def _is_told(word: str, asks: bool) -> bool:
    tag, told = parses(word)[0].tag, roles(word)
    if "быть" in _forms(word):
        return False
    if tag.POS == "PRTF" or "past" in tag:
        return "past" in tag and not told & _OWN[tag.POS != "PRTF"]
    if tag.POS in ("PRTS", "ADJS"):
        return tag.POS == "PRTS" or not told & {"frame", "act", "small"}
    if tag.POS != "VERB" or "indc" not in tag or asks:
        return False
    return not told & ({"act", "occasion"} if "1per" in tag else {"frame", "occasion"})


def _forms(word: str) -> set[str]:
    return {str(parse.normal_form) for parse in parses(word)}


def _english_past(word: str) -> bool:
    told = roles(word)
    ends = word.endswith("ed") and len(word) > 3
    return ("past" in told or ends) and not told & {"still", "occasion"}


def denied(text: str) -> bool:
    return bool({"не", "нет", "not", "no", "never", "без", "without"} & set(words(text))) or "n’t" in text
