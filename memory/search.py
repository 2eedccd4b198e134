"""The words of reviews, by their stems: FTS5 on SQLite, a tsvector on PostgreSQL, the same answers on both.

The stems are made here and not by the database: FTS5 knows no Russian. Beside them stand the beginnings of
words, for whoever still types, and what filters ask: so a question of any filter looks at one index alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Table,
    and_,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal,
    select,
    table,
    update,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlmodel import SQLModel

from .db import TenantSession
from .ids import digest
from .models import Review
from .stems import stem_of

# On SQLite triggers keep `review_index`, the FTS5 of the words; its own name stands there for the whole row.
_WORDS = table("review_words", column("number"), column("review_id", String), column("words", String))
_INDEX = table("review_index", column("rowid"))
_REVIEW: Table = SQLModel.metadata.tables["review"]
_WORD = re.compile(r"[^\W_]+")
MOST = 12
"""Words of a question; what is typed beyond them narrows nothing."""
LONGEST = 60
"""Letters of a word; by those beyond them words do not differ."""
BEGINNING = 3
"""Letters of the longest beginning that is kept: of a longer one few words are left to look through."""
FEW = 2_000
"""What is found is sorted, up to so many; more are common enough to be met soon in the order itself."""


class Question:
    """What somebody searches for, among the reviews of a filter (status, lang, kind; None: any)."""

    def __init__(self, session: TenantSession, text: str, *filter: str | None) -> None:
        self._is_sqlite = _is_sqlite(session)
        *self._whole, self._last = stems(text)[:MOST] or [""]
        self._among = _facet(session.info["tenant"], *filter)

    @property
    def has_words(self) -> bool:
        return bool(self._last)

    def count(self, session: TenantSession, most: int | None = None) -> int:
        """How many there are, but at most `most`."""
        some = self._found().limit(most).subquery()
        return int(session.connection().execute(select(func.count()).select_from(some)).scalar_one())

    def matches(self, *, are_few: bool) -> ColumnElement[bool]:
        """The condition on a review. Few are looked up; many are met soon, in the order of the list."""
        if are_few:
            return _REVIEW.c.id.in_(self._ids())
        mine = _WORDS.c.review_id == _REVIEW.c.id
        return select(literal(1)).select_from(_WORDS).where(mine, self._holds()).correlate(_REVIEW).exists()

    def _ids(self) -> Select[Any]:
        if not self._is_sqlite:
            return self._found()
        return select(_WORDS.c.review_id).where(_WORDS.c.number.in_(self._found()))

    def _found(self) -> Select[Any]:
        """What the index itself knows a review by."""
        if self._is_sqlite:
            return select(_INDEX.c.rowid).where(column("review_index").op("MATCH")(self._asked()))
        return select(_WORDS.c.review_id).where(_WORDS.c.words.op("@@")(self._asked()))

    def _asked(self) -> ColumnElement[Any]:
        unfinished, is_beginning = _unfinished(self._last)
        if self._is_sqlite:
            last = f'"{unfinished}"{"*" if is_beginning else ""}'
            return literal(" ".join([*(f'"{term}"' for term in (*self._whole, self._among)), last]))
        last = f"'{unfinished}'{':*' if is_beginning else ''}"
        return cast(
            literal(" & ".join([*(f"'{term}'" for term in (*self._whole, self._among)), last])), TSQUERY
        )

    def _holds(self) -> ColumnElement[bool]:
        """Asked of one row, without the index."""
        if not self._is_sqlite:
            # What `@@` stands for; the operator itself would send the planner to the index.
            return func.ts_match_vq(_WORDS.c.words, self._asked())
        terms = (*(f" {term} " for term in (*self._whole, self._among)), f" {self._last}")
        return and_(*(func.instr(_WORDS.c.words, term) > 0 for term in terms))


def index(session: TenantSession, reviews: Sequence[Review]) -> None:
    """Make reviews findable by their titles and by what they show."""
    words = bindparam("words", type_=String)
    put = insert(_WORDS).values(review_id=bindparam("review_id"), words=_stored(session, words))
    rows = [{"review_id": review.id, "words": _words(session, review)} for review in reviews]
    session.connection().execute(put, rows)


def restate(session: TenantSession, review_ids: Sequence[str], before: str, now: str) -> None:
    """The reviews have another status: they are found among those."""
    if not review_ids:
        return
    told = func.replace(cast(_WORDS.c.words, String), f"={before}.", f"={now}.")
    change = update(_WORDS).where(_WORDS.c.review_id.in_(review_ids)).values(words=_stored(session, told))
    session.connection().execute(change)


def stems(text: str) -> list[str]:
    """Of each word, in its order."""
    return [stem_of(word[:LONGEST]) for word in _WORD.findall(text.lower())]


def terms(title: str, shown: Sequence[str], tenant: str, status: str, lang: str, kind: str) -> str:
    """All by which a review is found, between spaces."""
    found = {*stems(" ".join((title, *shown)))}
    begun = {f"{stem[:size]}=" for stem in found for size in range(1, min(len(stem), BEGINNING) + 1)}
    among = (_facet(tenant, *some) for some in product((status, None), (lang, None), (kind, None)))
    return f" {' '.join(sorted((*found, *begun, *among)))} "


def _words(session: TenantSession, review: Review) -> str:
    args = review.request["action_requests"][0]["args"]
    shown = [str(text) for text in (args.get("subject"), args.get("body")) if text]
    return terms(review.title, shown, session.info["tenant"], review.status, review.lang, review.kind)


def _facet(tenant: str, status: str | None, lang: str | None, kind: str | None) -> str:
    """One term for the whole filter: to meet several long lists is slow."""
    return f"={status or ''}.{_hidden(tenant, lang or '', kind or '')}"


def _unfinished(stem: str) -> tuple[str, bool]:
    """The term for a word that may go on, and whether it is the beginning of others."""
    return (f"{stem}=", False) if len(stem) <= BEGINNING else (stem, True)


def _stored(session: TenantSession, words: ColumnElement[str]) -> ColumnElement[Any]:
    return words if _is_sqlite(session) else cast(words, TSVECTOR)


def _is_sqlite(session: TenantSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"


@lru_cache(maxsize=1_024)
def _hidden(*texts: str) -> str:
    """Texts that anybody may have chosen as one word that no index takes apart."""
    return digest(*texts)[:16]
