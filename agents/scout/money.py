"""Amounts of roubles in a text. Other currencies are no amount: a rate is nobody's statement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from .page import Span

# More than all roubles there are is a slip of the pen.
MOST = 10**15
_SCALE = {"тыс": 10**3, "млн": 10**6, "миллион": 10**6, "млрд": 10**9, "миллиард": 10**9, "трлн": 10**12}
_SCALE |= {"триллион": 10**12, "million": 10**6, "billion": 10**9, "mln": 10**6, "bln": 10**9}
_NUMBER = r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_AMOUNT = re.compile(
    rf"(?P<before>₽|RUB|руб\.)?\s?(?<![\d.,])(?:(?:{_NUMBER})\s?[–—-]\s?)?(?P<number>{_NUMBER})[\s\u00a0\u202f]?"
    r"(?P<scale>тыс(?:\.|яч\w*)?|млн\.?|миллион\w*|млрд\.?|миллиард\w*|трлн\.?|триллион\w*|million|billion"
    r"|mln|bln)?[\s\u00a0\u202f]?(?P<after>руб(?:л\w+|\.)?|₽|RUB|roubles|rubles|р\.)?(?![\w%])",
    re.IGNORECASE,
)
# «выручка 3 млрд рублей» says how big somebody is, not what the deal cost.
_ASIDE = re.compile(
    r"(?:выручк|капитализаци|оборот|прибыл|оцен(?:ён|ен|ив|к)|стоимост[ьи] компании|доход|активы|убыт"
    r"|EBITDA|долг|вместо|запланированн|зарплат|заработ|штраф|номинал|купон)[^.;]{0,45}$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Amount(Span):
    """Whole roubles; of a range, its upper end."""

    roubles: int


def amounts(text: str) -> list[Amount]:
    """The rouble amounts that may be the price of something, in order."""
    found = []
    for match in _AMOUNT.finditer(text):
        roubles = _roubles(match["number"], match["scale"] or "")
        aside = _ASIDE.search(text, 0, match.start("number"))
        if (match["before"] or match["after"]) and not aside and roubles <= MOST:
            found.append(Amount(*match.span(), roubles))
    return found


def _roubles(number: str, scale: str) -> int:
    plain = re.sub(r"[ \u00a0\u202f]", "", number).replace(",", ".")
    factor = next((value for name, value in _SCALE.items() if scale.lower().startswith(name)), 1)
    return int(Decimal(plain) * factor)
