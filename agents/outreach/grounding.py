"""What cannot be grounded is not written: each sentence is held against the facts that it points at.

The checks are lexical and err on the side of silence. A sentence that they let through names no number,
amount, date, company or quotation that the record does not have; a sentence that they stop is left out of the
letter and named to the reviewer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agents.context import Lang

from .amounts import amounts, number_words
from .letter import LetterText, Sentence
from .typography import plain, polish

Problem = Literal["source", "number", "date", "name", "quote", "boast", "contact", "repeated"]

_WORD = re.compile(r"[^\W_]+")
# A name of the pair is put aside as this mark, so that what follows it is not taken for an opening.
_NAMED = "§"
_OPENING = re.compile(r"(?:^|[.!?:…]\s+)[^\w§]*((?:[^\W_][\w’'-]*\s?){1,3})")
_QUOTED = {"ru": re.compile(r"«([^»]*)»"), "en": re.compile(r"“([^”]*)”")}
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_CONTACT = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\w)\+?\d(?:[\s\u00a0()-]*\d){9,}|(?<!\w)@\w{3,}")
_BOAST = re.compile(
    r"(?<!\w)(?:лидер|лучш(?!е(?!\w))|уникальн|ведущ|гарант|крупнейш|революц|идеальн|популярн|известн|success|proven|leader"
    r"|leading|best|unique|guarant|largest|revolution|perfect|popular|famous|world-class)\w*",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"(?<!\w)(?:январ\w+|феврал\w+|март\w?|апрел\w+|июн[ьяе]|июл[ьяе]|август\w?|сентябр\w+|октябр\w+|ноябр\w+"
    r"|декабр\w+|вчера|позавчера|недавно|недавн\w+|на днях|только что|прошл\w+|january|february|march|april|june|july"
    r"|august|september|october|november|december|yesterday|recently|recent|last (?:week|month|year|quarter))(?!\w)",
    re.IGNORECASE,
)
# Verbs and turns by which a sentence asks or offers; one that does neither states something.
_OFFER = re.compile(
    r"\?|(?<!\w)(?:предлаг|приглаша|готовы|рады|хотим|хотели|давайте|подскаж|расскажите|ответьте|напишите|просим|прошу"
    r"|познаком|обсуд|бы(?!\w)|would|could|propose|suggest|invite|offer|let us|let’s|let's|happy|glad|please|reply"
    r"|discuss|introduc)",
    re.IGNORECASE,
)
_TERMS = frozenset(
    "crm api b2b saas it erp bi sla sdk rest soap json xml http https oauth sso webhook webhooks email mail id mvp e i m we ai ии инн"
    " russian english вы вас вам вами ваш ваша ваше ваши вашей вашего вашему вашим ваших".split()
)


@dataclass(frozen=True)
class Grounds:
    """What may be said. facts: evidence id -> what it says; names: of the pair and of who signs;
    strangers: other companies we know, which only a fact can bring into the letter; email: the sender's.
    """

    facts: Mapping[str, str]
    names: frozenset[str]
    strangers: frozenset[str] = frozenset()
    email: str = ""


@dataclass(frozen=True)
class Grounded:
    """The letter of what held, and what was left out of it and why."""

    letter: LetterText
    dropped: tuple[tuple[Problem, str], ...] = field(default=())


def ground(letter: LetterText, grounds: Grounds, lang: Lang, fallback: LetterText) -> Grounded:
    """The letter without whatever does not hold; `fallback` lends its subject, greeting and closing.

    The sentences of the result may be none: then nothing of what was written could be grounded.
    """
    kept: list[Sentence] = []
    dropped: list[tuple[Problem, str]] = []
    for sentence in letter.sentences:
        repeated = any(plain(sentence.text) == plain(other.text) for other in kept)
        if found := "repeated" if repeated else problem(sentence, grounds, lang):
            dropped.append((found, sentence.text))
        else:
            kept.append(sentence)
    frame = {
        name: getattr(letter if _frame_holds(getattr(letter, name), grounds, lang) else fallback, name)
        for name in ("subject", "greeting", "closing")
    }
    return Grounded(letter.model_copy(update={**frame, "sentences": kept}), tuple(dropped))


def problem(sentence: Sentence, grounds: Grounds, lang: Lang) -> Problem | None:
    """Why this sentence cannot stand, or nothing."""
    text = polish(sentence.text, lang)
    if not _sourced(sentence, text, grounds):
        return "source"
    cited = " ".join(grounds.facts[id] for id in sentence.evidence)
    return _said(text, cited, grounds, lang)


def openings(letter: LetterText, lang: Lang) -> frozenset[str]:
    """The first one, two and three words of every sentence: a name there cannot be told by its capital."""
    found = (
        match[1].split() for it in letter.sentences for match in _OPENING.finditer(polish(it.text, lang))
    )
    return frozenset(" ".join(words[:length]) for words in found for length in range(1, len(words) + 1))


def _sourced(sentence: Sentence, text: str, grounds: Grounds) -> bool:
    if any(id not in grounds.facts for id in sentence.evidence):
        return False
    if not sentence.evidence:
        return sentence.part == "proposal" and _OFFER.search(text) is not None
    # A fact that shares no word with its source is about something else; across alphabets nobody can tell.
    cited = " ".join(grounds.facts[id] for id in sentence.evidence)
    telling = {word for word in _words(text) if len(word) > 3} | _words(" ".join(grounds.names))
    return _foreign(text, cited) or any(_known(word, _words(cited)) for word in telling & _words(text))


def _said(text: str, cited: str, grounds: Grounds, lang: Lang) -> Problem | None:
    """The first claim of `text` that `cited` (for names: any fact) does not carry."""
    everything = " ".join((*grounds.facts.values(), *grounds.names))
    named = _without(text, grounds.names)
    if any(contact[0].casefold() != grounds.email.casefold() for contact in _CONTACT.finditer(text)):
        return "contact"
    if not _numbers_hold(named, _without(cited, grounds.names)):
        return "number"
    if not _all_in(_WHEN, text, cited):
        return "date"
    if not _all_in(_BOAST, text, cited):
        return "boast"
    if not all(_quoted_in(quote, everything) for quote in _QUOTED[lang].findall(text)):
        return "quote"
    unquoted = _QUOTED[lang].sub(" ", named)
    if _strangers_in(text, everything, grounds.strangers) or not _names_hold(unquoted, everything, lang):
        return "name"
    return None


def _frame_holds(text: str, grounds: Grounds, lang: Lang) -> bool:
    return _said(polish(text, lang), "", grounds, lang) is None


def _numbers_hold(text: str, cited: str) -> bool:
    known = amounts(cited)
    signs = {letter for letter in text if letter.isnumeric() and not letter.isdecimal()}
    return (
        all(any(claim.says_no_more_than(fact) for fact in known) for claim in amounts(text))
        and number_words(text) <= number_words(cited)
        and signs <= set(cited)
    )


def _names_hold(text: str, everything: str, lang: Lang) -> bool:
    known = _words(everything) | _TERMS
    starts = {match.start(1) for match in _OPENING.finditer(text)}
    return all(
        _known(word[0].casefold(), known)
        for word in _WORD.finditer(text)
        if _looks_like_name(word[0], first=word.start() in starts, lang=lang)
    )


def _looks_like_name(word: str, *, first: bool, lang: Lang) -> bool:
    """A capital inside, a capital not after a full stop, a digit among letters, Latin in a Russian text."""
    latin = lang == "ru" and _LATIN.search(word) is not None
    odd = any(letter.isupper() for letter in word[1:]) or (not word.isdigit() and any(map(str.isdigit, word)))
    return latin or odd or (word[0].isupper() and not first)


def _strangers_in(text: str, everything: str, strangers: Iterable[str]) -> bool:
    return any(_phrase_in(name, text) and not _phrase_in(name, everything) for name in strangers)


def _phrase_in(phrase: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(plain(phrase))}(?!\w)", plain(text)) is not None


def _quoted_in(quote: str, everything: str) -> bool:
    return plain(quote).rstrip("….") in plain(everything)


def _all_in(pattern: re.Pattern[str], text: str, cited: str) -> bool:
    said = {plain(found[0])[:5] for found in pattern.finditer(text)}
    return said <= {plain(found[0])[:5] for found in pattern.finditer(cited)}


def _without(text: str, names: Iterable[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _NAMED, text, flags=re.IGNORECASE)
    return text


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text))


def _known(word: str, known: frozenset[str]) -> bool:
    """Whether the word, or another ending of it, is among the known ones (Russian declines names)."""
    return word in known or any(_same_stem(word, other) for other in known if other[0] == word[0])


def _same_stem(one: str, other: str) -> bool:
    stem = max(len(one), len(other)) - 3
    return _CYRILLIC.search(one) is not None and stem >= 3 and one[:stem] == other[:stem]


def _foreign(text: str, cited: str) -> bool:
    return (_CYRILLIC.search(text) is None) != (_CYRILLIC.search(cited) is None)


def unsupported(dropped: Sequence[tuple[Problem, str]], lang: Lang) -> str | None:
    """A line for the reviewer about what was left out, or nothing when nothing was."""
    if not dropped:
        return None
    listed = "; ".join(f"{_WHY[lang][why]} — {text}" for why, text in dropped)
    return {"ru": f"Убрано из письма: {listed}", "en": f"Left out of the letter: {listed}"}[lang]


_WHY: dict[Lang, dict[Problem, str]] = {
    "ru": {
        "source": "нет источника",
        "number": "число не из источника",
        "date": "время не из источника",
        "name": "название не из источника",
        "quote": "цитаты нет в источнике",
        "boast": "оценка не из источника",
        "contact": "чужие контакты",
        "repeated": "повтор",
    },
    "en": {
        "source": "no source",
        "number": "a number the source lacks",
        "date": "a time the source lacks",
        "name": "a name the source lacks",
        "quote": "a quotation the source lacks",
        "boast": "praise the source lacks",
        "contact": "somebody's contacts",
        "repeated": "said twice",
    },
}
