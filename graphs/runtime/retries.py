"""Which errors pass by, and how long to wait before the run is tried again."""

from __future__ import annotations

import random
from datetime import timedelta

import httpx
import psycopg
from sqlalchemy.exc import DBAPIError

FIRST_S = 2.0
LONGEST_S = 300.0

# What another moment may mend. A node's or a run's time limit is not among them: it would be used up again.
_PASSING = (ConnectionError, httpx.TransportError, psycopg.OperationalError)


def passes(error: BaseException) -> bool:
    """Whether trying again may help. An error may say so itself by an attribute `passing`."""
    said = getattr(error, "passing", None)
    if said is not None:
        return bool(said)
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError)
    return isinstance(error, _PASSING)


def backoff(retries: int, rng: random.Random) -> timedelta:
    """Twice as long each time, up to a limit, with full jitter in its upper half so that many do not
    come back at once (Brooker, "Exponential Backoff And Jitter", 2015)."""
    longest = min(FIRST_S * 2.0**retries, LONGEST_S)
    return timedelta(seconds=longest * (0.5 + rng.random() / 2))
