"""Which errors pass by, and how long to wait before the run is tried again."""

from __future__ import annotations

import random
import sqlite3
from datetime import timedelta

import httpx
import psycopg
from sqlalchemy.exc import DBAPIError

FIRST_S = 2.0
LONGEST_S = 300.0

# What another moment may mend. A node's or a run's time limit is not among them: it would be used up again.
_PASSING = (ConnectionError, httpx.TransportError, psycopg.OperationalError)
# The file is held by another for long, cannot be reached, or its disk is full.
_SQLITE_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
    }
)


def passes(error: BaseException) -> bool:
    """Whether trying again may help. An error may say so itself by an attribute `passing`."""
    said = getattr(error, "passing", None)
    if said is not None:
        return bool(said)
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (error.orig is not None and passes(error.orig))
    if isinstance(error, sqlite3.Error):
        # The low byte is the kind, the others say more about it: https://www.sqlite.org/rescode.html
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _SQLITE_PASSING
    return isinstance(error, _PASSING)


def backoff(retries: int, rng: random.Random) -> timedelta:
    """Twice as long each time, up to a limit, with full jitter in its upper half so that many do not
    come back at once (Brooker, "Exponential Backoff And Jitter", 2015)."""
    longest = min(FIRST_S * 2.0**retries, LONGEST_S)
    return timedelta(seconds=longest * (0.5 + rng.random() / 2))
