"""Templates in both languages, and the answers made of them: never framed, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from graphs.runtime.people.rights import Person
from graphs.runtime.services import Services

from ..privacy import Discretion
from ..words import Lang
from . import diff
from .assets import address
from .lines import lines
from .locale import Locale, catalogue
from .spoken import Spoken

LANG_COOKIE = "artel_lang"
TEMPLATES = Path(__file__).parent / "templates"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Cookie, HX-Request",
}


class Shell:
    """What every page needs: a language, the time, and the templates."""

    def __init__(
        self,
        lang: Lang,
        zone: str,
        clock: Callable[[], datetime],
        csrf: str,
        discretion: Discretion,
        *,
        is_fragment: bool,
    ) -> None:
        self.discretion = discretion
        self.lang: Lang = lang
        self.is_fragment = is_fragment
        self._csrf = csrf
        self._zone, self._clock = zone, clock

    @property
    def locale(self) -> Locale:
        return _locale(self.lang, self._zone)

    def page(
        self, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **shown: Any
    ) -> HTMLResponse:
        """`shown` is what the template reads, beside the locale `l`, the time `now` and the helpers.

        What templates import sees the locale alone: so Jinja makes it ready once, and not for each page.
        """
        now, environment = self._clock(), _environment(self.lang, self._zone)
        drawn = partial(lines, locale=self.locale, template=environment.get_template("row.html"), now=now)
        around = {"now": now, "csrf": self._csrf, "lines": drawn}
        text = environment.get_template(template).render(**around, **shown)
        return HTMLResponse(text, status, {**HEADERS, **(headers or {})})


async def shell_of(request: Request) -> Shell:
    services: Services = request.app.state.services
    person: Person | None = request.state.person
    return Shell(
        lang_of(request, person),
        services.settings.timezone,
        services.clock,
        (person.csrf if person else None) or "",
        request.app.state.discretion,
        is_fragment=request.headers.get("hx-request") == "true",
    )


def lang_of(request: Request, person: Person | None) -> Lang:
    """What the browser was told, else the person's own, else Russian."""
    known: dict[str | None, Lang] = {"ru": "ru", "en": "en"}
    return known.get(request.cookies.get(LANG_COOKIE)) or (person.lang if person else "ru")


@cache
def _locale(lang: Lang, zone: str) -> Locale:
    return Locale(lang, ZoneInfo(zone))


@cache
def _environment(lang: Lang, zone: str) -> Environment:
    environment = Spoken(
        catalogue(lang),
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    environment.globals.update(asset=address, changes=diff.changes, l=_locale(lang, zone))
    return environment


Showing = Annotated[Shell, Depends(shell_of)]
