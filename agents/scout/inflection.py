"""Russian declension of names: which words are forms of a name, and the name behind a declined form.

Names are mostly absent from dictionaries, so the gazetteer goes by endings; pymorphy3 guesses the
nominative of a name seen only declined.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

# Ending of the nominative -> endings of the other cases; the longest that fits wins.
_PARADIGMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("кий", ("кого", "кому", "ким", "ком")),
    ("ый", ("ого", "ому", "ым", "ом")),
    ("ий", ("его", "ему", "им", "ем", "ия", "ию", "ием", "ии")),
    ("ой", ("ого", "ому", "ым", "ом", "оя", "ою", "оем", "ое")),
    ("ая", ("ой", "ую", "ою")),
    ("яя", ("ей", "юю")),
    ("ое", ("ого", "ому", "ым", "ом")),
    ("ее", ("его", "ему", "им", "ем")),
    ("ые", ("ых", "ым", "ыми")),
    ("ия", ("ии", "ию", "ией", "ий", "иям", "иями", "иях")),
    ("ие", ("ия", "ию", "ием", "ии", "их", "им", "ими")),
    ("ии", ("ий", "иям", "иями", "иях")),
    ("ок", ("ка", "ку", "ком", "ке", "ока", "оку", "оком", "оке")),
    ("ек", ("ка", "ку", "ком", "ке", "ька", "ьку", "ьком", "ьке", "ека", "еку", "еком", "еке")),
    ("ец", ("ца", "цу", "цом", "цем", "це", "еца", "ецу", "ецом", "еце")),
    ("ы", ("", "ов", "ам", "ами", "ах")),
    ("и", ("", "ей", "ов", "ам", "ям", "ами", "ями", "ах", "ях")),
    ("а", ("ы", "и", "е", "у", "ой", "ей", "ою")),
    ("я", ("и", "е", "ю", "ей", "ёй", "ею")),
    ("о", ("а", "у", "ом", "е")),
    ("е", ("я", "ю", "ем", "и")),
    ("ь", ("я", "ю", "ем", "ём", "е", "и", "ью")),
    ("й", ("я", "ю", "ем", "ём", "е", "и")),
    ("", ("а", "у", "ом", "ем", "е")),
)
_ENDING = re.compile(
    r"(?:ьями|ами|ями|иям|иях|ого|ому|его|ему|ыми|ими|ией|ием|ью|ой|ою|оя|ей|ею|ёй|ем|ём|ом|ов|ах|ях|ам|ям|ых|их"
    r"|ым|им|ую|юю|ая|яя|ое|ее|ые|ие|ий|ый|ия|ии|ию|[аяоеёиыуюьй])$"
)
# «РДП.ру» is an address, «Севергрупп» a name: neither is declined.
_FIXED = re.compile(r"\.\w{1,3}$|групп$", re.IGNORECASE)
_BARE = re.compile(r"(?!.*(?:[оеёая]м|[ая]х|[оеё]в)$).*[бвгджзклмнпрстфхцчшщ]$")
_CYRILLIC_END = re.compile(r"[а-яё]$", re.IGNORECASE)


@lru_cache(maxsize=65_536)
def forms(word: str) -> frozenset[str]:
    """The nominative `word` and its other cases, lower case, ё as е; Latin words and numbers have one."""
    base = plain(word)
    if not _CYRILLIC_END.search(base):
        return frozenset((base,))
    ending, others = next((end, to) for end, to in _PARADIGMS if base.endswith(end))
    stem = base[: len(base) - len(ending)]
    return frozenset((base, *(stem + other for other in others if len(stem) + len(other) > 1)))


@lru_cache(maxsize=65_536)
def stems(word: str) -> frozenset[str]:
    """Keys under which any form of the nominative `word` can be looked up by `stem`."""
    return frozenset(stem(form) for form in forms(word))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A declined word without its case ending: a key for look-up, not a root."""
    base = plain(word)
    cut = _ENDING.sub("", base)
    return cut if len(cut) >= 2 else base


def plain(word: str) -> str:
    return word.lower().replace("ё", "е")


@cache
def analyzer() -> Any:
    """pymorphy3's dictionary, loaded at the first need (0.1 s)."""
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer()


@lru_cache(maxsize=65_536)
def parses(word: str) -> tuple[Any, ...]:
    return tuple(analyzer().parse(word))


@lru_cache(maxsize=65_536)
def is_common(word: str) -> bool:
    """True for a dictionary word that is no proper name: «контур», not «Яндекс»."""
    if not analyzer().word_is_known(word.lower()):
        return False
    names = {"Name", "Surn", "Patr", "Geox", "Orgn", "Trad"}
    return any(not names & set(parse.tag.grammemes) and parse.is_known for parse in parses(word.lower()))


# The cases that a preposition asks for, by the names of pymorphy3's grammemes.
GOVERNED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(["у", "от", "до", "из", "без", "для", "против", "после", "около", "среди"], ("gent",)),
    **dict.fromkeys(["к", "ко", "благодаря"], ("datv",)),
    **dict.fromkeys(["с", "со", "над", "под", "перед", "между"], ("ablt",)),
    **dict.fromkeys(["в", "во", "на", "о", "об", "обо", "при"], ("loct", "accs")),
    **dict.fromkeys(["за", "про", "через"], ("accs",)),
}
_PERSONAL = {"Name", "Surn", "Patr", "Geox", "Sgtm"}


def nominative(name: str, cases: tuple[str, ...] = ()) -> str:
    """The likely nominative of a declined name, in its own writing: «Сказбуку» -> «Сказбука».

    `cases`: what the words before the name ask for, when they do. Without them a name that may already be
    nominative stays as it is, and so do Latin words, abbreviations and what follows the first noun.
    """
    words = name.split()
    head = next((i for i, word in enumerate(words) if _noun(word, cases)), None)
    if head is None:
        return name
    if not cases and any(_may_be(word, "nomn") for word in words[head : head + 1]):
        return name
    noun = _noun(words[head], cases)
    words[head] = _written_like(words[head], _base(noun))
    for i in range(head):
        words[i] = _agreeing(words[i], noun)
    return " ".join(words)


def nominative_person(name: str) -> str:
    """«Софье Квашилавой» -> «Софья Квашилава», as far as the dictionary of names can tell."""
    words = name.split()
    first = next((parse for parse in parses(words[0].lower()) if "Name" in parse.tag), None)
    if first is None or first.tag.case == "nomn":
        return name
    found = [_written_like(words[0], str(first.normal_form))]
    for word in words[1:]:
        fits = [
            parse
            for parse in parses(word.lower())
            if {"Surn", "Patr"} & set(parse.tag.grammemes) and parse.tag.case == first.tag.case
        ]
        same = [parse for parse in fits if parse.tag.gender == first.tag.gender] or fits
        inflected = same[0].inflect({"nomn"}) if same else None
        guess = re.sub("ой$", "а", word) if first.tag.gender == "femn" else word
        found.append(_written_like(word, str(inflected.word)) if inflected else guess)
    return " ".join(found)


def nominative_place(name: str) -> str:
    """«Узбекистана» -> «Узбекистан»: a place of one word that the dictionary knows."""
    parse = next((parse for parse in parses(name.lower()) if "Geox" in parse.tag), None)
    return _written_like(name, _base(parse)) if parse else name


def _noun(word: str, cases: tuple[str, ...]) -> Any:
    """The best reading of the word as a noun in one of the cases, or nothing."""
    if not _CYRILLIC_END.search(word) or word.isupper() or _FIXED.search(word):
        return None
    nouns = [parse for parse in parses(word.lower()) if parse.tag.POS == "NOUN" and parse.tag.case]
    fits = [parse for parse in nouns if not cases or parse.tag.case in cases]
    return min(fits, key=_oddity, default=None)


def _oddity(parse: Any) -> tuple[bool, bool, bool]:
    made_up = not parse.is_known
    # A made-up name is a thing that ends in a consonant or -а, not a first name or a village.
    return (
        bool(_PERSONAL & set(parse.tag.grammemes)),
        made_up and str(parse.normal_form)[-1] in "яоеьй",
        parse.tag.animacy == "anim",
    )


def _may_be(word: str, case: str) -> bool:
    # A made-up word that ends in a consonant is masculine before it is a plural of anything.
    if case == "nomn" and _BARE.match(word.lower()) and not parses(word.lower())[0].is_known:
        return True
    return any(parse.tag.case == case and parse.tag.POS == "NOUN" for parse in parses(word.lower()))


def _base(noun: Any) -> str:
    plural = noun.inflect({"nomn"}) if noun.tag.number == "plur" else None
    return str(plural.word if plural else noun.normal_form)


def _agreeing(word: str, noun: Any) -> str:
    adjectives = [parse for parse in parses(word.lower()) if parse.tag.POS == "ADJF"]
    adjective = min(adjectives, key=lambda parse: parse.normal_form.endswith("ой"), default=None)
    if adjective is None:
        return word
    wanted = {"nomn", "plur"} if noun.tag.number == "plur" else {"nomn", "sing", noun.tag.gender}
    inflected = adjective.inflect(wanted - {None})
    return _written_like(word, str(inflected.word)) if inflected else word


def _written_like(model: str, word: str) -> str:
    """`word` with the capitals of `model` where they share a beginning: СМИлинка, смилинк -> СМИлинк."""
    shared = 0
    while shared < min(len(model), len(word)) and plain(model[shared]) == plain(word[shared]):
        shared += 1
    return model[:shared] + word[shared:]
