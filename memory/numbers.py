"""The numbers a Russian company is known by, checked as they are stored: digits only."""

from __future__ import annotations

from stdnum.ru import inn, ogrn


def is_inn(text: str) -> bool:
    """10 or 12 digits whose checksum holds; no tax office has the number 00."""
    return _digits(text) and not text.startswith("00") and bool(inn.is_valid(text))


def is_ogrn(text: str) -> bool:
    """13 digits (OGRN) or 15 (OGRNIP) whose checksum holds."""
    if not _digits(text):
        return False
    if len(text) == 15:
        # stdnum 2.2 compares the whole remainder, 10 to 12 too; only its last digit is meant.
        return text[0] in "34" and int(text[:14]) % 13 % 10 == int(text[14])
    return bool(ogrn.is_valid(text))


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
