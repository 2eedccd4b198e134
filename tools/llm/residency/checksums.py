"""Numbers that prove themselves. Each takes bare digits."""

from __future__ import annotations

from stdnum import luhn
from stdnum.ru import inn, ogrn


def is_inn(digits: str) -> bool:
    """Of a person (12 digits): a company's has 10 and is nobody's personal data."""
    return len(digits) == 12 and bool(inn.is_valid(digits))


def is_ogrnip(digits: str) -> bool:
    """Of a sole trader, who is a person."""
    return len(digits) == 15 and bool(ogrn.is_valid(digits))


def is_snils(digits: str) -> bool:
    if len(digits) != 11 or len(set(digits[:9])) == 1:
        return False
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(digits[:9]))
    return total % 101 % 100 == int(digits[9:])


def is_card(digits: str) -> bool:
    lengths = {"3": (14, 15)}.get(digits[0], (16, 18, 19))
    return digits[0] in "23456" and len(digits) in lengths and bool(luhn.is_valid(digits))


def is_account(digits: str, bik: str) -> bool:
    """The check digit of a 20-digit account at the bank of this BIK (Bank of Russia, 515)."""
    head = "0" + bik[4:6] if bik.endswith(("000", "001", "002")) else bik[-3:]
    return sum(int(digit) * (7, 1, 3)[place % 3] for place, digit in enumerate(head + digits)) % 10 == 0
