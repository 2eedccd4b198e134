"""Papers and banks: INN, SNILS, passports, cards, accounts.

A number of an unmistakable form, or with the word for it before it, is found whatever its checksum says:
a mistyped one is personal too. Bare digits need the checksum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import iban

from .checksums import is_account, is_card, is_inn, is_ogrnip, is_snils
from .finding import Finding, Kind

_GAP = r"[ .\-_/\n]{0,2}"


def _run(least: int, most: int) -> str:
    return rf"\d(?:{_GAP}\d){{{least - 1},{most - 1}}}(?!\d)"


# The word for a number, and at most this much between them.
_NEAR = r"[^\d\n]{0,40}?"
_NAMED: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"(?<![^\W_])(?:{words}){_NEAR}(?<!\d)({number})", re.IGNORECASE))
    for kind, words, number in (
        (Kind.INN, "инн|inn|tin|taxpayer", _run(12, 12)),
        (Kind.INN, "огрнип|ogrnip", _run(15, 15)),
        (Kind.SNILS, "снилс|snils|страхов\\w+ свидетельств\\w+", _run(11, 11)),
        (Kind.CARD, "карт[аеуыойю]+|card", _run(13, 19)),
        (Kind.ACCOUNT, "р/сч?|л/сч?|сч[её]т\\w{0,3}|account|acct|a/c", _run(6, 24)),
    )
)
_PASSPORT_WORD = (
    r"(?:паспорт\w*|загранпаспорт\w*|passport|серия|серии|удостоверени\w+ личности|id card"
    r"|вод\w* удостоверени\w+|driver'?s licen[sc]e)"
)
_PASSPORT = re.compile(
    rf"(?<![^\W_]){_PASSPORT_WORD}[^\d\n]{{0,40}}?(?<!\d)"
    rf"(\d{{2}}[ -]?\d{{2}}[ ,;:\-]*(?:№|n[o°]?\.?|номер\w*|number)?[ :]*\d{{6}}|\d{{2}}[ ,№n]*\d{{7}}"
    rf"|(?<![^\W_])[a-z]{{0,2}}\d{{6,9}})(?!\d)",
    re.IGNORECASE,
)
# 45 08 123456, 4508 123456, 45 08 № 123456; no price is grouped so.
_PASSPORT_FORM = re.compile(
    r"(?<!\d)(?:\d{2}[ -]\d{2}|\d{4})(?:[ -]|[ ,]*(?:№|N[o°]?\.?|номер)[ ]*)\d{6}(?!\d)"
    r"|(?<!\d)\d{2}[ ]№?[ ]?\d{7}(?!\d)"
)
_SNILS_FORM = re.compile(r"(?<!\d)\d{3}[ -]\d{3}[ -]\d{3}[ -]\d{2}(?!\d)")
_CARD_FORM = re.compile(
    r"(?<!\d)[2-6]\d{3}([ .\-_/])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?(?!\d)"
    r"|(?<!\d)3[47]\d{2}[ -]\d{6}[ -]\d{5}(?!\d)"
)
_CURRENCY = r"(?:810|643|840|978|156|826|756|392|398|933|949|784)"
_ACCOUNT = re.compile(rf"(?<!\d)\d{{5}}{_GAP}{_CURRENCY}(?:{_GAP}\d){{12}}(?!\d)")
_TWENTY = re.compile(rf"(?<!\d){_run(20, 20)}")
_BIK = re.compile(r"(?<!\d)04\d{7}(?!\d)")
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?(?![A-Za-z0-9])"
)
_BARE = ((Kind.INN, is_inn), (Kind.INN, is_ogrnip), (Kind.SNILS, is_snils))
_GROUP = re.compile(r"\d+")


def numbers(text: str) -> Iterator[Finding]:
    if not re.search(r"\d", text):
        return
    for kind, pattern in _NAMED:
        yield from (Finding(*match.span(1), kind) for match in pattern.finditer(text))
    yield from (Finding(*match.span(1), Kind.PASSPORT) for match in _PASSPORT.finditer(text))
    for kind, pattern in (
        (Kind.PASSPORT, _PASSPORT_FORM),
        (Kind.SNILS, _SNILS_FORM),
        (Kind.CARD, _CARD_FORM),
        (Kind.ACCOUNT, _ACCOUNT),
    ):
        yield from (Finding(*match.span(), kind) for match in pattern.finditer(text))
    yield from _proven(text)
    yield from _of_banks(text)


def _proven(text: str) -> Iterator[Finding]:
    """Digits of any grouping whose checksum is right: every stretch of whole groups is tried.

    Luhn's alone is too weak for the groups of three that numbers in a table have.
    """
    for run in re.finditer(rf"(?<!\d)\d(?:{_GAP}\d){{10,}}", text):
        groups = [match.span() for match in _GROUP.finditer(text, run.start(), run.end())]
        for first, (start, _) in enumerate(groups):
            digits = ""
            for left, right in groups[first:]:
                digits += text[left:right]
                if len(digits) > 19:
                    break
                if len(digits) >= 11:
                    yield from (Finding(start, right, kind) for kind, proves in _BARE if proves(digits))
                if right - left >= 4 and len(digits) >= 14 and is_card(digits):
                    yield Finding(start, right, Kind.CARD)


def _of_banks(text: str) -> Iterator[Finding]:
    biks = _BIK.findall(text)
    for match in _TWENTY.finditer(text) if biks else ():
        digits = re.sub(r"\D", "", match[0])
        if any(is_account(digits, bik) for bik in biks):
            yield Finding(*match.span(), Kind.ACCOUNT)
    for match in _IBAN.finditer(text):
        if iban.is_valid(match[0]):
            yield Finding(*match.span(), Kind.ACCOUNT)
