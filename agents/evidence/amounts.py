"""The numbers of a text in one form, so that «3,5 млрд рублей» and "3.5 billion roubles" are the same one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

Key = TypeVar("Key")

# "35%" and "35 people" are different claims, and so are roubles and dollars; a bare number claims no unit.
_UNITS = {
    "%": r"%|процент\w*|per ?cent",
    "rub": r"₽|руб\w*|rub\w*|rur|rouble\w*",
    "usd": r"\$|долл\w*|usd|dollar\w*|us\$",
    "eur": r"€|евро|eur\w*",
}
_SCALES = {
    10**3: r"тыс\w*\.?|thousand|k",
    10**6: r"млн\.?|миллион\w*|million\w*|mln|m",
    10**9: r"млрд\.?|миллиард\w*|billion\w*|bln|bn|b",
    10**12: r"трлн\.?|триллион\w*|trillion\w*",
}
_SIGN = r"[$€₽]"
_NUMBER = re.compile(
    rf"(?P<before>{_SIGN})?\s?(?<![^\W_])"
    r"(?P<digits>\d{1,3}(?:[ \u00a0\u202f,]\d{3})+(?!\d)|\d+[.,]\d+(?![.,]?\d)|\d+)"
    rf"(?:[\s\u00a0-]?(?P<scale>{'|'.join(_SCALES.values())})(?!\w))?"
    rf"(?:[\s\u00a0]?(?P<unit>{'|'.join(_UNITS.values())})(?!\w))?",
    re.IGNORECASE,
)
# Words that claim a number. One and two are left out: every letter here is about a pair.
_WORDS = re.compile(
    r"(?<!\w)(?:три|тр[её][хм]|тремя|тро(?:е|их|им|ими)|четыр\w+|пят(?:ь|и|ью|еро)|шест(?:ь|и|ью|еро)"
    r"|сем(?:ь|и|ью|еро)|вос[е]?м(?:ь|и|ью)|девят(?:ь|и|ью)|десят(?:ь|и|ью|к\w+)|\w+надцат\w+|двадцат\w+"
    r"|тридцат\w+|сорок\w*|\w+десят\w*|девяност\w+|сто|ста|сот(?:н\w+|ен|ый|ая|ое|ой|ую|ых)"
    r"|(?:дв|тр|четыр|пят|шест|сем|вос|девят)\w{1,4}(?:ст[аи]\w{0,2}|сот)"
    r"|тысяч\w*|миллион\w*|миллиард\w*|вдвое|втрое|вчетверо|\w+кратн\w+|половин\w+|треть\w*|четверт\w+|удво\w+"
    r"|утро[еи]\w+|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty"
    r"|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|half|third|quarter|doubl\w+|tripl\w+"
    r"|twice|dozens?)(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Amount:
    """A value in units and what is counted: "%", "rub", "usd", "eur" or nothing known."""

    value: Decimal
    unit: str | None = None

    def says_no_more_than(self, other: Amount) -> bool:
        return self.value == other.value and self.unit in (None, other.unit)


def amounts(text: str) -> frozenset[Amount]:
    """Every number written in digits."""
    return frozenset(_amount(found) for found in _NUMBER.finditer(text))


def without_amounts(text: str) -> str:
    return _NUMBER.sub(" ", text)


def number_words(text: str) -> frozenset[str]:
    """The beginnings of the words that claim a number, "милли" of «миллионов»; those after digits aside."""
    return frozenset(found[0].casefold()[:5] for found in _WORDS.finditer(without_amounts(text)))


def _amount(found: re.Match[str]) -> Amount:
    scale = _which(_SCALES, found["scale"]) or 1
    return Amount(_value(found["digits"]) * scale, _which(_UNITS, found["unit"] or found["before"]))


def _which(names: dict[Key, str], word: str | None) -> Key | None:
    return next(
        (key for key, words in names.items() if word and re.fullmatch(words, word, re.IGNORECASE)), None
    )


def _value(digits: str) -> Decimal:
    grouped = re.fullmatch(r"\d{1,3}(?:[^\d.]\d{3})+", digits)
    return Decimal(re.sub(r"\D", "", digits) if grouped else digits.replace(",", "."))
