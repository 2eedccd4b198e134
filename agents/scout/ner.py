"""The companies of a page: known names, and unknown ones that enough speaks for.

Each cue of an unknown name gives or takes points; with ENOUGH of them it is a company. Quotation marks,
capitals or natasha's word alone are not enough: newspapers, products and buildings have them too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from memory.names import name_key

from .candidates import Reading, read, unknown_spans
from .cues import words as cue_words
from .gazetteer import Gazetteer, Hit, Known
from .inflection import forms, plain
from .page import Page, Span
from .tagger import Tagged

ENOUGH = 3
POINTS = {
    "legal": 4,
    "company": 3,
    "tagged": 2,
    "firm": 3,
    "tail": 2,
    "role": 2,
    "holder": 2,
    "quoted": 1,
    "service": 1,
    "shape": 1,
    "listed": 1,
    "again": 1,
    "common": -2,
    "place": -2,
    "plain": -3,
    "person": -3,
    "media": -4,
    "other": -4,
}
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_INITIAL = re.compile(r"(?:^|[\s\-‑])(\w)")
_CONJUNCTION = re.compile(r"[»\"”]?(?:,| и| или|,? а также|, и) [«\"“]?")


@dataclass(frozen=True)
class Bearer:
    """A name of the page and every place that bears it. `known` is None for a name that no list has."""

    name: str
    spans: tuple[Span, ...]
    known: Known | None = None
    cues: frozenset[str] = frozenset()

    @property
    def points(self) -> int:
        # «платформа „Полюшко“», «Vega Capital»: such a cue tells the name from the common word or a person.
        told = self.cues & {"company", "service", "legal", "firm"}
        return sum(POINTS[cue] for cue in self.cues - ({"common", "person"} if told else set()))

    @property
    def is_company(self) -> bool:
        return self.known.kind == "company" if self.known else self.points >= ENOUGH


def bearers(page: Page, gazetteer: Gazetteer, tagged: Sequence[Tagged]) -> list[Bearer]:
    """Everything on the page that bears a name, known ones first; the spans of two never overlap."""
    hits = [hit for hit in gazetteer.find(page) if not _part_of_name(page, hit, tagged)]
    hits = [*hits, *_short_forms(page, hits)]
    found = _known(page, hits, tagged)
    # Tagger and cues know Russian; in another language only known names are beyond doubt.
    return [*found, *_unknown(page, hits, tagged)] if _is_russian(page.readable) else found


def _is_russian(text: str) -> bool:
    # Foreign names may fill half of a short Russian line.
    return 2 * len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text))


def _part_of_name(page: Page, hit: Hit, tagged: Sequence[Tagged]) -> bool:
    """A newspaper's name inside a longer one names no newspaper: «Вега Капитал»."""
    wider = (*page.quotes, *(span for span in tagged if span.kind == "ORG"))
    return hit.known.kind in ("media", "government") and any(
        span.holds(hit) and (span.start, span.stop) != (hit.start, hit.stop) for span in wider
    )


def _known(page: Page, hits: Sequence[Hit], tagged: Sequence[Tagged]) -> list[Bearer]:
    found: dict[Known, list[Hit]] = {}
    for hit in hits:
        found.setdefault(hit.known, []).append(hit)
    # A word that may be common counts when the tagger, the same name elsewhere or a list says so.
    sure = [Span(hit.start, hit.stop) for hit in hits if hit.sure and hit.known.kind == "company"]
    bearers = [
        Bearer(known.name, tuple(Span(hit.start, hit.stop) for hit in places), known)
        for known, places in found.items()
    ]
    return [
        bearer
        for bearer, places in zip(bearers, found.values(), strict=True)
        if any(hit.sure or _is_organisation(hit, tagged) for hit in places)
        or _listed(page, bearer.spans, sure)
    ]


def _is_organisation(span: Span, tagged: Sequence[Tagged]) -> bool:
    return any(other.kind == "ORG" and span.overlaps(other) for other in tagged)


def _short_forms(page: Page, hits: Sequence[Hit]) -> list[Hit]:
    """Where the page goes on with initials or the first word: Runa Capital … Runa."""
    companies = {hit.known: page.text[hit.start : hit.stop] for hit in hits if hit.known.kind == "company"}
    short = [
        Known(form, company_id=known.name)
        for known, surface in companies.items()
        for form in {*_shortened(surface), *_shortened(known.name)}
    ]
    by_name = {known.name: known for known in companies}
    return [
        Hit(hit.start, hit.stop, by_name[hit.known.company_id or ""])
        for hit in Gazetteer(short).find(page)
        if not any(hit.overlaps(other) for other in hits)
    ]


def _shortened(name: str) -> set[str]:
    """The initials of three words or more, and the name without its usual last word."""
    words = name.split()
    initials = "".join(_INITIAL.findall(name)).upper()
    found = {initials} if len(initials) > 2 and len(words) > 1 else set()
    while len(words) > 1 and plain(words[-1]) in cue_words("tail") | cue_words("firm"):
        words = words[:-1]
        found.add(" ".join(words))
    return found


def _unknown(page: Page, hits: Sequence[Hit], tagged: Sequence[Tagged]) -> list[Bearer]:
    groups = _grouped(
        (page.text[span.start : span.stop], read(page, span, tagged).name)
        for span in unknown_spans(page, hits, tagged)
    )
    places: dict[Known, list[Span]] = {}
    for hit in Gazetteer(groups).find(page):
        if not any(hit.overlaps(other) for other in hits):
            places.setdefault(hit.known, []).append(Span(hit.start, hit.stop))
    sure = [Span(hit.start, hit.stop) for hit in hits if hit.known.kind == "company"]
    found = []
    for known, spans in places.items():
        readings = [read(page, span, tagged) for span in spans]
        bearer = Bearer(known.name, tuple(spans), cues=_together(readings) | _listed(page, spans, sure))
        sure += spans if bearer.is_company else []
        found.append(bearer)
    return found


def _grouped(names: Iterable[tuple[str, str]]) -> list[Known]:
    """One entry for all writings of a name: «СМИлинка» and «СМИлинк», UMS and Universal Mobile Systems."""
    groups: list[list[tuple[str, str]]] = []
    for surface, name in names:
        group = next((one for one in groups if any(same_name(name, other) for _, other in one)), None)
        if group is None:
            groups.append([(surface, name)])
        else:
            group.append((surface, name))
    return [_entry(group) for group in groups]


def _entry(group: list[tuple[str, str]]) -> Known:
    names = Counter(name for _, name in group)
    # What the text itself has in the nominative is better than a guess; a full name better than initials.
    written = {surface for surface, _ in group}
    best = max(names, key=lambda name: (len(name.split()) > 1, name in written, names[name]))
    short = {form for name in names for form in _shortened(name)}
    return Known(best, tuple(sorted({*names, *written, *short} - {best})))


def same_name(one: str, other: str) -> bool:
    """Two writings of one name: spelled alike, initials, or another case of it."""
    if name_key(one) == name_key(other) or one in _shortened(other) or other in _shortened(one):
        return True
    left, right = one.split(), other.split()
    pairs = list(zip(left, right, strict=False))
    return len(left) == len(right) and (
        all(plain(a) in forms(b) for a, b in pairs) or all(plain(b) in forms(a) for a, b in pairs)
    )


def _together(readings: Sequence[Reading]) -> frozenset[str]:
    """All that speaks for the name, and against it what is seen at half of its places or more."""
    seen = Counter(cue for reading in readings for cue in reading.cues)
    cues = {cue for cue, times in seen.items() if POINTS[cue] > 0 or 2 * times >= len(readings)}
    return frozenset(cues | ({"again"} if len(readings) > 1 else set()))


def _listed(page: Page, spans: Sequence[Span], sure: Sequence[Span]) -> frozenset[str]:
    """«„Тензор“, „Эл 6“ и „Астрал“»: a company's neighbour in a list is one too."""
    for span in spans:
        for other in sure:
            left, right = sorted((span, other), key=lambda one: one.start)
            if left.stop <= right.start and _CONJUNCTION.fullmatch(page.text, left.stop, right.start):
                return frozenset({"listed"})
    return frozenset()
