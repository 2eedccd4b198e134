"""The model of the outcomes closed so far, fitted once for each set of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from memory import outcomes
from memory.db import Database, Memory
from memory.outcomes import Case, Stamp

from .features import features
from .model import MIN_CLOSED, Model, fit

# What was computed from rows that have not changed since, so that it belongs to no run; it goes with
# the database. The lock makes runs that end together wait for one fit instead of making their own.
_models: WeakKeyDictionary[Database, dict[str, tuple[Stamp, Model | None]]] = WeakKeyDictionary()
_fitting = threading.Lock()


async def fitted(memory: Memory) -> tuple[Model | None, int]:
    """(model or None for unknown, how many outcomes are closed)."""
    stamp = await memory.read(outcomes.stamp)
    if stamp.closed < MIN_CLOSED:
        return None, stamp.closed
    if (known := _known(memory, stamp)) is not None:
        return known[1], stamp.closed
    cases = await memory.read(outcomes.closed)
    return await asyncio.to_thread(_fit, memory, stamp, cases), stamp.closed


def _known(memory: Memory, stamp: Stamp) -> tuple[Stamp, Model | None] | None:
    known = _models.setdefault(memory.database, {}).get(memory.tenant)
    return known if known is not None and known[0] == stamp else None


def _fit(memory: Memory, stamp: Stamp, cases: Sequence[Case]) -> Model | None:
    with _fitting:
        known = _known(memory, stamp)
        if known is None:
            model = fit([features(case) for case in cases], [bool(case.won) for case in cases])
            known = _models[memory.database][memory.tenant] = (stamp, model)
        return known[1]
