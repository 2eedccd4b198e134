"""How a page speaks: gettext's catalogue of a language, and how that language writes numbers and times."""

from __future__ import annotations

import gettext
import io
from datetime import datetime, timedelta, tzinfo
from functools import cache, lru_cache
from pathlib import Path

from babel.dates import format_datetime, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from ..words import Lang, Words

CATALOGUES = Path(__file__).parent / "catalogues"
NO_BREAK = "\N{NO-BREAK SPACE}"
SAID = 4_096
"""Texts of a kind that are kept."""


def N_(text: str) -> str:
    """Marks a text for the catalogue where it is not yet said."""
    return text


@cache
def catalogue(lang: Lang) -> gettext.NullTranslations:
    """English is what the templates are written in, so it needs none."""
    path = CATALOGUES / f"{lang}.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=lang))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Locale:
    """What the templates call. Times are shown in `zone`."""

    def __init__(self, lang: Lang, zone: tzinfo) -> None:
        self.lang, self.zone = lang, zone
        self._words = Words(lang, zone)
        self.gettext = catalogue(lang).gettext

    def name(self, kind: str, value: str) -> str:
        """What a value of the API is called, as a line of its own."""
        named = self._words.name(kind, value)
        return named[:1].upper() + named[1:]

    def number(self, value: float) -> str:
        return _number(self.lang, value)

    def counted(self, total: int, most: int) -> str:
        """How many there are, where nobody counted further than `most`."""
        return self.number(most) + "+" if total > most else self.number(total)

    def share(self, value: float) -> str:
        """0..1 with two decimals."""
        return self._words.share(value)

    def percent(self, value: float) -> str:
        return _percent(self.lang, value)

    def roubles(self, value: int) -> str:
        """`2,1 млн ₽`, `RUB 2.1M`: to two figures, for nobody decides by the rest."""
        scale, unit = _scale(value)
        shown = str(format_decimal(round(value / scale, 1), locale=self.lang))
        if self.lang == "en":
            return f"RUB{NO_BREAK}{shown}{unit[1]}"
        return NO_BREAK.join(part for part in (shown, unit[0], "₽") if part)

    def time(self, at: datetime) -> str:
        return _time(self.lang, at.astimezone(self.zone).replace(second=0, microsecond=0, tzinfo=None))

    def ago(self, at: datetime, now: datetime) -> str:
        """`5 часов назад`, `in 5 hours`, `только что`."""
        if abs(at - now) < timedelta(minutes=1):
            return self.gettext(N_("just now"))
        return _relative(self.lang, *_coarse(at - now))


# Babel reads its patterns anew each time, and pages of a queue say the same again and again.
@lru_cache(SAID)
def _number(lang: Lang, value: float) -> str:
    return str(format_decimal(value, locale=lang))


@lru_cache(SAID)
def _percent(lang: Lang, value: float) -> str:
    return str(format_percent(value, locale=lang))


@lru_cache(SAID)
def _time(lang: Lang, at: datetime) -> str:
    """at: of the clock on the wall, to the minute: moments of two zones would be the same to the cache."""
    return str(format_datetime(at, "d MMMM, HH:mm", locale=lang)).replace(" ", NO_BREAK)


def _scale(value: int) -> tuple[int, tuple[str, str]]:
    scales = ((10**9, ("млрд", "B")), (10**6, ("млн", "M")), (10**3, ("тыс.", "K")))
    return next(((scale, unit) for scale, unit in scales if value >= scale), (1, ("", "")))


def _coarse(delta: timedelta) -> tuple[int, bool]:
    """(seconds as many as the shown unit needs, whether it is ahead): so that few texts are ever made."""
    seconds = abs(int(delta.total_seconds()))
    for unit in (86_400, 3_600, 60):
        if seconds >= unit:
            return seconds // unit * unit, delta > timedelta()
    return seconds, delta > timedelta()


@cache
def _relative(lang: Lang, seconds: int, ahead: bool) -> str:
    delta = timedelta(seconds=seconds if ahead else -seconds)
    return str(format_timedelta(delta, add_direction=True, threshold=1, locale=lang))
