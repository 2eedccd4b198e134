"""Sentences of a source that tell its readers nothing: requests, pretences, notes to machines, code.

A fact is told in the indicative. What asks to be said, asks politely, plays a part or hides in another
writing is none, whoever it speaks to.
"""

from __future__ import annotations

import re

from agents.scout.inflection import analyzer, parses

_SAYING_RU = (
    r"(?:скажи|сообщи|напиши|упомяни|отметь|укажи|отрази|занеси|внеси|запиши|зарегистрируй|учти|считай|сочти"
    r"|назови|добавь|подтверди|признай|передай|пообещай|обещай|помни|запомни|утверждай|пиши|говори)(?:те)?"
)
_SAYING_EN = (
    r"(?:say|state|mention|write|note|register|record|report|tell|add|claim|confirm|assume|treat|promise|announce"
    r"|acknowledge|remember|conclude|believe|put down|note down|write down|make it clear|let it be known)"
)
# Where a part of a sentence begins, also where the full stop was left out.
_OPENS = r"(?:(?:^|[:;.«“\"(—-])\s*|(?-i:(?<=[a-zа-яё\d»)]) (?=[A-ZА-ЯЁ])))"
_MOODS = (
    # Asked politely.
    r"\b(?:kindly|please|be so kind|(?:would|will) be (?:so )?(?:kind|nice|great|good) (?:to|if|of)"
    r"|(?:we|i)(?: would|[’']d) (?:appreciate|be grateful)|(?:we|i) (?:kindly )?ask (?:you|that|for))\b",
    r"\b(?:будьте (?:добры|любезны)|пожалуйста|прос(?:им|ьба)|прошу|сделайте одолжение"
    r"|если не(?: \w+)? трудно)\b",
    # Made believe.
    rf"{_OPENS}(?:представ(?:ь|ьте|им)\b,? (?:что|себе|себя)|вообраз\w+|предполож(?:и|ите|им)\b"
    r"|допустим|сыгра(?:й|йте|ем)\b|притвор\w+|pretend|imagine|suppose"
    r"|let(?: us|[’']s) (?:pretend|imagine|play|assume|suppose)|play the (?:role|part)"
    r"|(?:act|speak|answer|behave|write) (?:as|like) (?:a|an|the|if))\b",
    # Asked to be said: «напишите, что …», “say that …”.
    rf"\b{_SAYING_RU},? (?:что|следующее|о том|как)\b",
    rf"(?:{_OPENS}|\b(?:must|should|and) ){_SAYING_EN} (?:that|as if|the following)\b",
    # For whoever processes it.
    rf"{_OPENS}(?:к сведению|для протокола|обратите внимание|for the record|note that|n\.?b\.?)"
    r"(?=[\s:,—-])",
    r"\b(?:read|process|collect|pars|scrap|index|crawl|analy[sz]|summari[sz]|handl)\w*"
    r" (?:this|these|such|our) (?:page|text|news|line|article|card|profile|description|sentence|feed)s?\b",
    r"\b(?:чита|обрабатыва|собира|индексир|разбира|анализир|пересказыва)\w*"
    r" (?:эт\w{1,3}|так\w{1,3}|данн\w{2,3}|подобн\w{2,3})"
    r" (?:страниц|текст|новост|строк|стать|карточк|описан|запис)\w*",
    r"\b(?:in|into) (?:all|every|any|each) (?:text|letter|answer|reply|e-?mail|summar)\w*"
    r"|\bво? (?:всех|всяк\w+|кажд\w+|люб\w+) (?:текст|письм|ответ|обращени|пересказ)\w*",
    # In a writing that is nobody's language.
    r"(?<![\w/.:=?&-])(?=[\w+/]*\d)(?=[\w+/]*[a-z])(?=[\w+/]*[A-Z])[\w+/]{16,}={0,2}"
    r"|\b[A-Za-z]{16,}={1,2}|(?:%[0-9A-Fa-f]{2}){3,}",
    r"(?:\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})){3,}|(?:&#x?[0-9a-fA-F]+;){3,}|(?<!\S)(?:\w\s+){6,}\w(?!\S)",
)
_CODE = re.compile("|".join(_MOODS[-2:]))
_MOOD = re.compile("|".join(_MOODS[:-2]), re.IGNORECASE)
_LEET = re.compile(r"\b(?=\d*[a-z]+\d*[a-z])(?=[a-z]*\d)[a-z\d]{4,}\b", re.IGNORECASE)
_WITHIN = re.compile(r"\d[a-z]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z']+(?:[\s,.:;!-]+[a-z']+){3,}", re.IGNORECASE)
# A sentence begins, also where the full stop was left out.
_BEGIN = re.compile(r"(?<=[a-zа-яё\d»)]) (?=[A-ZА-ЯЁ])|(?<=[.!?…;]) ")
_ENGLISH = frozenset("the and of to for with in is are a an on by from that this we you our your".split())  # noqa: SIM905
_TELLING = frozenset({"VERB", "INFN", "PREP", "CONJ", "PRCL"})
_SOUNDS = (
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"),
    ("ya", "я"), ("ye", "е"), ("yo", "е"), ("ju", "ю"), ("ja", "я"), ("iy", "ий"), ("yy", "ый"),
)  # fmt: skip
_LETTERS = str.maketrans("abcdefghijklmnoprstuvwxyz'", "абцдефгхийклмнопрстувwхызь")


def unreal_at(text: str) -> int | None:
    """Where the part begins that asks, pretends, speaks to whoever processes it, or is in code."""
    code = [found.start() for found in _CODE.finditer(text)]
    mood = [_begin(text, found.start()) for found in _MOOD.finditer(text)]
    return min([*code, *mood, *_disguised(text)], default=None)


def _begin(text: str, place: int) -> int:
    return max((found.end() for found in _BEGIN.finditer(text, 0, place + 2)), default=0)


def _disguised(text: str) -> list[int]:
    """Where letters are written as digits, or Russian in Latin letters."""
    leet = [*_LEET.finditer(text)]
    coded = len(leet) > 1 and any(_WITHIN.search(found[0]) for found in leet)
    latin = [found.start() for found in _LATIN.finditer(text) if _transliterated(found[0].lower())]
    return [*([leet[0].start()] if coded else []), *latin]


def _transliterated(run: str) -> bool:
    """Whether most of its words are Russian ones, and some of them no names of things."""
    told = re.findall(r"[a-z']{2,}", run)
    if _ENGLISH & set(told):
        return False
    long = [word for word in told if len(word) > 3]
    readings = [reading for word in told for reading in _russian(word)[:1]]
    return 2 * sum(map(bool, map(_russian, long))) > len(long) > 1 and any(it in _TELLING for it in readings)


def _russian(word: str) -> list[str]:
    """The parts of speech of the Russian word that the letters sound like; none of no word."""
    for sound, letter in _SOUNDS:
        word = word.replace(sound, letter)
    word = word.translate(_LETTERS)
    return [str(it.tag.POS) for it in parses(word)] if analyzer().word_is_known(word) else []
