"""Phones and e-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .finding import Finding, Kind

# Each begins only where a word does: a long word without its @ is looked at once.
_EMAIL = re.compile(r"(?<![\w.+%'\-])[\w.+%'\-]*\w[ ]?@[ ]?\w[\w\-]*(?:\.[\w\-]+)*")
# ivan (at) mail (dot) ru, ivan собака mail точка ru
_AT = r"(?:[ ]?[\[({][ ]?(?:at|собака|@)[ ]?[\])}][ ]?| at | собака )"
_DOT = r"(?:[ ]?[\[({][ ]?(?:dot|точка|\.)[ ]?[\])}][ ]?| dot | точка |\.)"
_SPELLED = re.compile(rf"(?<![\w.+\-])[\w.+\-]+{_AT}[\w\-]+(?:{_DOT}[\w\-]+)+", re.IGNORECASE)

_S = r"[ .\-()/_\n]{0,3}"
_EXTENSION = r"(?:[ ,]{1,2}(?:доб(?:ав\w*)?|вн(?:утр\w*)?|ext|x)\.?[ ]?\d{1,6})?"
_TEN = rf"(?:{_S}\d){{10}}"
_PHONES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # +7 (912) 345-67-89, 8-912-345-67-89, 79123456789
        rf"(?<!\d)(?:\+[ ]?7|[78])(?=[ .\-()/_\n]{{0,3}}[3-9]){_TEN}(?!\d){_EXTENSION}",
        # +1 212 555 0123 and the rest of the world
        rf"(?:\+|(?<!\d)00)[ ]?[1-9](?:{_S}\d){{6,14}}(?!\d){_EXTENSION}",
        # 912 345-67-89, (495) 123-45-67, 9123456789
        rf"(?<![\d+])\(?9\d{{2}}\)?(?:{_S}\d){{7}}(?!\d){_EXTENSION}",
        rf"(?<!\d)\(\d{{3,5}}\)[ ]?\d{{1,3}}(?:[ -]?\d{{2,3}}){{1,3}}(?!\d){_EXTENSION}",
        rf"(?<!\d)\d{{3}}[ .-]\d{{3}}[ .-]\d{{2}}[ .-]?\d{{2}}(?!\d){_EXTENSION}",
        # 123-45-67
        r"(?<![\d.\-])\d{3}-\d{2}-\d{2}(?![\d\-])",
        # тел. 22-33-44
        rf"(?<![^\W_])(?:тел(?:ефон\w*)?|моб(?:ильн\w+)?|факс|сот(?:ов\w+)?|phones?|tel|cell|mobile|fax|whatsapp|viber"
        rf"|звон\w+|набер\w+|call)(?![^\W_])[^\d\n]{{0,20}}?(\+?\(?\d(?:{_S}\d){{4,14}})(?!\d){_EXTENSION}",
    )
)
_COMPANY = re.compile(r"(?:инн|inn|огрн|кпп|окпо|ogrn|kpp)\W{0,5}$", re.IGNORECASE)


def contacts(text: str) -> Iterator[Finding]:
    if "@" in text:
        yield from (Finding(*match.span(), Kind.EMAIL) for match in _EMAIL.finditer(text))
    yield from (Finding(*match.span(), Kind.EMAIL) for match in _SPELLED.finditer(text))
    for pattern in _PHONES:
        for match in pattern.finditer(text):
            start = match.start(1) if pattern.groups else match.start()
            if not _COMPANY.search(text, max(0, start - 12), start):
                yield Finding(start, match.end(), Kind.PHONE)
