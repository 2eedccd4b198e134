"""Days that a Russian text names, and the day of an event."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = [
    "январ",
    "феврал",
    "март",
    "апрел",
    "ма",
    "июн",
    "июл",
    "август",
    "сентябр",
    "октябр",
    "ноябр",
    "декабр",
]
_DAY = re.compile(
    r"\b(?P<day>\d{1,2})(?:[–—-]\d{1,2})?\s+(?P<month>(?:" + "|".join(_MONTHS) + r")[а-я]{1,2})"
    r"(?:\s+(?P<year>(?:19|20)\d\d)(?:-го)?)?\b",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"\b(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>(?:19|20)\d\d)\b")
_ISO = re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<month>\d{2})-(?P<day>\d{2})\b")
_LOOSE = re.compile(
    r"\b(?:в|во|с|за|к|до|на)\s+(?:(?:начале|середине|конце|первом|втором|третьем|четв[её]ртом|этом|следующем"
    r"|прошлом|ближайшие|ближайшее|том же)\s+)*(?:(?:"
    + "|".join(_MONTHS)
    + r")[а-я]{1,2}\b|(?:19|20)\d\d-?[а-я]*\b"
    r"|году\b|квартал\w*|полугоди\w*|месяц\w*|дни\b|время\b|лет[оа]м?\b)",
    re.IGNORECASE,
)


def event_day(clause: str, text: str, published: date | None) -> date | None:
    """The day of an event: named in its clause, else the only full date of the text, else the publication's.

    A clause that names only a month or a year («в ноябре») leaves the day unknown.
    """
    named = days(clause, published)
    if named:
        return named[0]
    if _LOOSE.search(clause):
        return None
    full = days(text, None)
    return full[0] if len(set(full)) == 1 else published


def days(text: str, published: date | None) -> list[date]:
    """The days in order. One without a year takes the year that puts it nearest to `published`."""
    matches = [*_DAY.finditer(text), *_NUMERIC.finditer(text), *_ISO.finditer(text)]
    found = (_day(match, published) for match in sorted(matches, key=lambda match: match.start()))
    return [day for day in found if day is not None]


def _day(match: re.Match[str], published: date | None) -> date | None:
    month, day = _month(match["month"]), int(match["day"])
    if match["year"]:
        return _valid(int(match["year"]), month, day)
    if published is None:
        return None
    years = (published.year, published.year - 1, published.year + 1)
    near = [found for found in (_valid(year, month, day) for year in years) if found]
    return min(near, key=lambda found: abs(found - published), default=None)


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    # "март" before "ма": the longest stem that fits.
    stems = [stem for stem in _MONTHS if text.lower().startswith(stem)]
    return 1 + _MONTHS.index(max(stems, key=len))


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
