"""The lines of the list: each is drawn once for all who see the same, for most of them stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from jinja2 import Template
from markupsafe import Markup

from memory.queue import Row

from .locale import Locale
from .view import View

KEPT = 10_000
"""Lines, of about two kilobytes each."""


@dataclass(frozen=True, slots=True)
class Line:
    """What the template of a row may read, and so all that one is known again by.

    claims: who else looks at it; endorsed: whether one of two has approved it; named: actors and their
    names; ago: the text for its time, by which alone it knows `now`.
    """

    row: Row
    claims: tuple[str, ...]
    endorsed: bool
    named: tuple[tuple[str, str | None], ...]
    view: View
    is_current: bool
    ago: str
    template: Template
    now: datetime = field(compare=False)


def lines(
    rows: Sequence[Row],
    claimed: Mapping[str, Sequence[str]],
    endorsed: Mapping[str, Sequence[str]],
    names: Mapping[str, str],
    view: View,
    current: str | None,
    *,
    locale: Locale,
    template: Template,
    now: datetime,
) -> Markup:
    """The rows of the list. claimed, endorsed: by whom, by ids of rows; names: of everybody; current: the row
    whose card is open.
    """
    drawn = []
    for row in rows:
        claims, ago = claimed.get(row.id, ()), locale.ago(row.decided_at or row.created_at, now)
        actors = sorted({*claims, *((row.actor,) if row.actor else ())})
        named = tuple((actor, names.get(actor)) for actor in actors)
        shown = (row, tuple(claims), row.id in endorsed, named, view, row.id == current, ago)
        drawn.append(_drawn(Line(*shown, template, now)))
    return Markup().join(drawn)


@lru_cache(KEPT)
def _drawn(it: Line) -> Markup:
    current = it.row.id if it.is_current else None
    text = it.template.render(
        row=it.row,
        claims=it.claims,
        endorsed=it.endorsed,
        names=dict(it.named),
        view=it.view,
        current=current,
        now=it.now,
    )
    return Markup(text)  # noqa: S704 - of a template that escapes
