"""What cannot be grounded is not said: a sentence is held against the facts that it points at.

The checks are lexical and err on the side of silence. A sentence that passes names no number, amount, time,
company, link or quotation that the record does not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agents.context import Lang

from . import claims
from .amounts import amounts, number_words, without_amounts
from .demands import delicate, demands
from .entailment import Support, asks_only, invents, tells_known
from .happening import asserted, happened
from .leaks import leaks
from .typography import plain, polish
from .vocabulary import vocabulary

Problem = Literal[
    "source", "number", "time", "name", "quote", "praise", "contact", "demand", "claim", "prompt", "repeated"
]

_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


@dataclass(frozen=True)
class Grounds:
    """What may be said. facts: evidence id -> what it says; names: of the pair and of who signs;
    strangers: other companies we know, which only a fact can bring into the letter; asked: the prompt, of
    which nothing is repeated.
    """

    facts: Mapping[str, str]
    names: frozenset[str]
    strangers: frozenset[str] = frozenset()
    asked: str = ""


def unsupported(text: str, evidence: Sequence[str], grounds: Grounds, lang: Lang) -> Problem | None:
    """Why this sentence cannot stand on this evidence, or nothing."""
    if not evidence or any(id not in grounds.facts for id in evidence):
        return "source"
    cited = " ".join(grounds.facts[id] for id in evidence)
    if not _about(text, cited, grounds):
        return "source"
    return said(text, cited, grounds, lang)


def said(text: str, cited: str, grounds: Grounds, lang: Lang) -> Problem | None:
    """The first claim of `text` that `cited` (for names and quotations: any fact) does not carry."""
    text = polish(text, lang)
    everything = " ".join((*grounds.facts.values(), *grounds.names))
    named, known = _without(text, grounds.names), _without(cited, grounds.names)
    rest = claims.unquoted(named, lang)
    fails: dict[Problem, bool] = {
        "contact": bool(claims.contacts(text))
        or not all(_phrase_in(it, f"{cited} {' '.join(grounds.names)}") for it in claims.links(text)),
        "demand": demands(text) or not delicate(text) <= delicate(cited),
        "prompt": leaks(text, grounds.asked),
        "number": not _numbers_hold(named, known),
        "time": not claims.times(text) <= claims.times(cited),
        "praise": not claims.praise(text) <= claims.praise(cited),
        "quote": not all(_quoted_in(it, everything) for it in claims.quotations(text, lang)),
        "name": _strangers_in(rest, everything, grounds.strangers)
        or not all(
            _known(it, claims.words(everything)) or vocabulary(everything).means(it)
            for it in claims.names(rest, lang)
        ),
    }
    return next((problem for problem, failed in fails.items() if failed), None)


def says_more(text: str, evidence: Sequence[str], grounds: Grounds, lang: Lang) -> Problem | None:
    """ "claim" where the sentence tells what the facts do not; quotations and links are others' matter."""
    cited = " ".join(grounds.facts.get(id, "") for id in evidence)
    rest, support = _own_words(text, cited, grounds, lang)
    told, asked = claims.parted(rest)
    holds = (claims.offers(rest) and asks_only(rest, support)) or (
        bool(evidence)
        and tells_known(told, support)
        and asks_only(asked, support)
        and _of_its_owner(told, cited, grounds.names)
    )
    return None if holds else "claim"


def invented(text: str, grounds: Grounds, lang: Lang) -> Problem | None:
    """ "claim" where a sentence that weighs facts tells of an event or of a bond that is in none of them."""
    rest, support = _own_words(text, " ".join(grounds.facts.values()), grounds, lang)
    return "claim" if invents(rest, support) else None


def _own_words(text: str, cited: str, grounds: Grounds, lang: Lang) -> tuple[str, Support]:
    """The text without what is looked at elsewhere: quotations, links and amounts; and what may carry it."""
    text = polish(text, lang)
    everything, names = " ".join(grounds.facts.values()), " ".join(grounds.names)
    rest = without_amounts(claims.without_links(claims.unquoted(text, lang)))
    return rest, Support(cited, everything, names, quotes=bool(claims.quotations(text, lang)))


def told(problem: Problem, lang: Lang) -> str:
    """The problem in words."""
    return _WHY[lang][problem]


def _about(text: str, cited: str, grounds: Grounds) -> bool:
    """Whether the sentence speaks of what the facts speak of."""
    if (_CYRILLIC.search(text) is None) != (_CYRILLIC.search(cited) is None):
        return True  # Across alphabets nobody can tell by the words whether they speak of the same.
    words = claims.words(text)
    telling = {word for word in words if len(word) > 3} | claims.words(" ".join(grounds.names))
    return any(_known(word, claims.words(cited)) for word in telling & words)


def _of_its_owner(text: str, cited: str, names: Iterable[str]) -> bool:
    """Whether the facts are of whom the sentence names; what has happened, of whom it names first."""
    named = sorted(
        (it for it in names if _phrase_in(it, text)), key=lambda name: plain(text).find(plain(name))
    )
    if any(map(happened, asserted(text))):
        named = named[:1]
    return not named or any(_phrase_in(it, cited) for it in named)


def _numbers_hold(text: str, cited: str) -> bool:
    known = amounts(cited)
    signs = {sign for sign in text if sign.isnumeric() and not sign.isdecimal()}
    return (
        all(any(claim.says_no_more_than(fact) for fact in known) for claim in amounts(text))
        and number_words(text) <= number_words(cited)
        and signs <= set(cited)
    )


def _strangers_in(text: str, everything: str, strangers: Iterable[str]) -> bool:
    return any(_phrase_in(name, text) and not _phrase_in(name, everything) for name in strangers)


def _phrase_in(phrase: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(plain(phrase))}(?!\w)", plain(text)) is not None


def _quoted_in(quote: str, everything: str) -> bool:
    return plain(quote).rstrip("….") in plain(everything)


def _without(text: str, names: Iterable[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        words = r"\s+".join(map(re.escape, name.split()))
        text = re.sub(rf"(?<!\w){words}(?!\w)", claims.NAMED, text, flags=re.IGNORECASE)
    return text


def _known(word: str, known: frozenset[str]) -> bool:
    """Whether the word, or another ending of it, is among the known ones (Russian declines names)."""
    return word in known or any(_same_stem(word, other) for other in known if other[0] == word[0])


def _same_stem(one: str, other: str) -> bool:
    stem = max(len(one), len(other)) - 3
    return _CYRILLIC.search(one) is not None and stem >= 3 and one[:stem] == other[:stem]


_WHY: dict[Lang, dict[Problem, str]] = {
    "ru": {
        "source": "нет источника",
        "number": "число не из источника",
        "time": "время не из источника",
        "name": "название не из источника",
        "quote": "цитаты нет в источнике",
        "praise": "похвала не из источника",
        "contact": "чужие контакты",
        "demand": "просьба о деньгах или тайне",
        "claim": "источник этого не говорит",
        "prompt": "слова указаний модели",
        "repeated": "повтор",
    },
    "en": {
        "source": "no source",
        "number": "a number the source lacks",
        "time": "a time the source lacks",
        "name": "a name the source lacks",
        "quote": "a quotation the source lacks",
        "praise": "praise the source lacks",
        "contact": "somebody's contacts",
        "demand": "a demand for money or secrets",
        "claim": "the source does not say so",
        "prompt": "words of the model's instructions",
        "repeated": "said twice",
    },
}
