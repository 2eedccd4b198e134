"""The words of reviews, by their stems: FTS5 on SQLite, a tsvector on PostgreSQL, the same answers on both.

The stems are made here and not by the database: FTS5 knows no Russian.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import snowballstemmer
from sqlalchemy import ColumnElement, String, bindparam, column, func, insert, literal, select, table
from sqlmodel import col

from .db import TenantSession
from .models import Review

# A column of its own name stands for the whole row: so FTS5 is asked.
_WORDS = table("review_words", column("review_id", String), column("words", String))
_WORD = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile("[а-яё]")
MOST = 12
"""Words of a question; what is typed beyond them narrows nothing."""


def index(session: TenantSession, review: Review) -> None:
    """Make the review findable by its title and by what it shows."""
    args = review.request["action_requests"][0]["args"]
    shown = (review.title, args.get("subject"), args.get("body"))
    words = " ".join(sorted({*stems(" ".join(str(text) for text in shown if text))}))
    session.connection().execute(insert(_WORDS).values(review_id=review.id, words=_stored(session, words)))


def found(session: TenantSession, text: str) -> ColumnElement[bool] | None:
    """The condition that a review has every word of the text, the last one perhaps unfinished.

    None: the text has no words.
    """
    asked = stems(text)[:MOST]
    if not asked:
        return None
    return col(Review.id).in_(select(_WORDS.c.review_id).where(_matches(session, asked)))


def stems(text: str) -> list[str]:
    """Of each word, in its order."""
    return [_stem(word) for word in _WORD.findall(text.lower())]


def _matches(session: TenantSession, asked: list[str]) -> ColumnElement[bool]:
    if _is_sqlite(session):
        whole = " ".join(f'"{word}"' for word in asked)
        return column("review_words").op("MATCH")(literal(f"{whole}*"))
    whole = " & ".join(asked)
    return _WORDS.c.words.op("@@")(func.to_tsquery("simple", literal(f"{whole}:*")))


def _stored(session: TenantSession, words: str) -> object:
    told = bindparam(None, words, String)
    return told if _is_sqlite(session) else func.to_tsvector("simple", told)


def _is_sqlite(session: TenantSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"


@cache
def _stemmer(lang: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(lang)


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    plain = word.replace("ё", "е")
    lang = "russian" if _CYRILLIC.search(plain) else "english"
    stem: str = _stemmer(lang).stemWord(plain)
    return stem
