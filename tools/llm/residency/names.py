"""Names of people, Russian and Latin.

Two words that the dictionary knows as parts of a name are one whatever NER thinks; NER adds those that no
dictionary has, and decides what a lone «Надежда» or «Владимир» is. A doubtful word is masked, except where
something speaks for a town, a firm or a plain word.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ...tagger import Tagger
from .cues import cued, firm_before, starts_sentence, town_before
from .finding import Finding, Kind
from .sentences import sentences
from .words import Word, acts, words_of

Tags = Mapping[tuple[int, int], str]

# Between the words of one name; a dot only after an initial.
_SPACE = re.compile(r" {1,2}")
_DOT = re.compile(r"\.? ?|\.-")
_NEXT = re.compile(r" ([а-яё]+)")
_PARTICLES = frozenset(
    re.findall(
        r"\S+", "van von de da del der den di du la le al el bin ibn фон ван де дер аль бин ибн оглы кызы"
    )
)
# Who stands before a first name and a patronymic without being a surname.
_ROLES = frozenset(
    re.findall(
        r"\S+",
        "директор директора директору менеджер менеджера руководитель руководителя начальник "
        "президент бухгалтер юрист инженер председатель основатель клиент клиента партнёр врач "
        "доктор профессор академик министр губернатор мэр судья уважаемый уважаемая уважаемые "
        "дорогой дорогая здравствуйте привет добрый день господин госпожа товарищ коллега но и а "
        "если когда наш наша ваш ваша это от для при по спасибо ",
    )
)


def names(text: str, tagger: Tagger) -> Iterator[Finding]:
    words = words_of(text)
    tags = dict(_tagged(text, words, tagger))
    for start, stop in (*_people(text, tags), *cued(text), *_listed(text, words), *_lower(text, words)):
        yield Finding(start, stop, Kind.PERSON)
    told = _told(words, tags)
    for run in _runs(text, words):
        for first, last in _groups(run):
            if last > first or _alone(text, run[first], told.get(run[first].start, "")):
                yield Finding(run[first].start, run[last].stop, Kind.PERSON)


def _tagged(text: str, words: Sequence[Word], tagger: Tagger) -> Iterator[tuple[tuple[int, int], str]]:
    """What NER says of the sentences with a capitalised word that the dictionary alone does not settle."""
    doubtful = [word.start for word in words if word.capital and not word.initial and not word.settled]
    spans = sentences(text, doubtful)
    for (start, _), found in zip(spans, tagger([text[a:b] for a, b in spans]), strict=True):
        yield from (((start + left, start + right), kind) for left, right, kind in found)


def _people(text: str, tags: Tags) -> Iterator[tuple[int, int]]:
    """NER's word for a person is enough unless it stands on one abbreviation such as «ЛИД»."""
    for (start, stop), kind in tags.items():
        if kind == "PER" and not (text[start:stop].isupper() and stop - start <= 4):
            yield start, stop


def _runs(text: str, words: Sequence[Word]) -> Iterator[list[Word]]:
    """Capitalised words side by side, with the particles between them."""
    run: list[Word] = []
    for word in words:
        if run and not _joined(text, run[-1], word):
            yield from _trimmed(run)
            run = []
        if word.capital or (run and word.text in _PARTICLES):
            run.append(word)
    yield from _trimmed(run)


def _joined(text: str, left: Word, right: Word) -> bool:
    joint = _DOT if left.initial else _SPACE
    return bool(joint.fullmatch(text, left.stop, right.start)) and (right.capital or right.text in _PARTICLES)


def _trimmed(run: list[Word]) -> Iterator[list[Word]]:
    while run and not run[-1].capital and run[-1].text not in ("оглы", "кызы"):
        run = run[:-1]
    if any(not word.initial for word in run):
        yield run


def _groups(run: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """First and last of the words of a run that together are a name."""
    marked = [word.personal >= 0.02 or word.initial for word in run]
    for place in range(len(run)):
        marked[place] = marked[place] or _by_neighbours(run, place, marked)
    first = None
    for place, mark in enumerate([*marked, False]):
        if mark and first is None:
            first = place
        elif not mark and first is not None:
            if any(word.personal >= 0.02 or not word.initial for word in run[first:place]):
                yield first, place - 1
            first = None


def _by_neighbours(run: Sequence[Word], place: int, marked: Sequence[bool]) -> bool:
    """Whether a word that is no name by itself is one beside those around it."""
    word = run[place]
    before = run[place - 1] if place and marked[place - 1] else None
    after = run[place + 1 : place + 3]
    if not word.capital:
        return before is not None
    if word.firm:
        return False
    if before and (
        before.given or before.text in _PARTICLES or (before.initial and place > 1) or not word.known
    ):
        return True
    if before and not word.cyrillic and any(each.given for each in run[max(0, place - 2) : place]):
        return True
    if (
        word.cyrillic
        and len(after) == 2
        and after[0].given
        and after[1].patronymic
        and word.text.lower() not in _ROLES
    ):
        return True
    initials = sum(each.initial for each in after)
    named = any(each.personal >= 0.5 for each in after[:1])
    return initials == 2 or (not word.known and word.cyrillic and (initials == 1 or named))


def _told(words: Sequence[Word], tags: Tags) -> dict[int, str]:
    """What NER says of the word that begins here."""
    starts = [word.start for word in words]
    return {
        begun: kind
        for (start, stop), kind in tags.items()
        for begun in starts[bisect_left(starts, start) : bisect_left(starts, stop)]
    }


def _alone(text: str, word: Word, tag: str) -> bool:
    """Whether one word by itself is somebody."""
    if firm_before(text, word.start) or word.initial or (not word.cyrillic and word.personal < 0.5):
        return False
    if word.place and (tag == "LOC" or town_before(text, word.start)):
        return False
    if word.personal > 0.98:
        return True
    if word.text.isupper() and len(word.text) <= 4:
        return False
    if tag == "ORG" or starts_sentence(text, word.start):
        return tag == "PER" or word.personal > 0.7 or _acts(text, word)
    return True


def _acts(text: str, word: Word) -> bool:
    """«Надежда пришла», but not «Надежда на рост»."""
    following = _NEXT.match(text, word.stop)
    return following is not None and acts(following[1])


def _listed(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """«Smith, John»: the surname that stands before a given name and its comma."""
    for left, right in pairwise(words):
        latin = not left.cyrillic and left.capital and right.capital
        if latin and right.given and right.personal > 0.5 and text[left.stop : right.start] == ", ":
            yield left.start, right.stop


def _lower(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Names in small letters: a given name or a patronymic with another part of a name beside it."""
    likely = [word.small and word.common_given for word in words]
    for place, (left, right) in enumerate(pairwise(words)):
        if (likely[place] or likely[place + 1]) and left.small and right.small:
            side_by_side = _SPACE.fullmatch(text, left.stop, right.start)
            if side_by_side and min(left.personal, right.personal) > 0.3:
                yield left.start, right.stop
