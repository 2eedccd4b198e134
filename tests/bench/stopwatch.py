"""Where the time of a served cycle goes, measured inside the server by wrapping its parts."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from graphs.runtime import encoding
from graphs.runtime.execution import Execution
from memory.checkpoints import Saver
from memory.db import Memory

LAYERS = ("checkpoints", "rows", "graph")
# What a member of the cluster does anyway, whether or not anything runs.
_BESIDE = frozenset({"_touch", "owners", "held_by", "_look", "_expire"})


class Stopwatch:
    """Milliseconds on the wall by layer, of each transaction of ours, and how often the database committed.

    What goes on at once is counted once, for the first of LAYERS: so a lone client's layers add up.
    """

    def __init__(self) -> None:
        self._spent: dict[str, float] = defaultdict(float)
        self._active: Counter[str] = Counter()
        self._since = time.perf_counter()

    def attach(self) -> None:
        """Before anything is opened: what is compiled by then is not seen."""
        self._time(Execution, "ending", lambda *args: "graph")
        for name in ("write", "read"):
            self._time(Memory, name, _transaction)
        for owner, name in ((json, "dumps"), (json, "loads"), (encoding, "to_json")):
            self._time_plain(owner, name)
        event.listen(Engine, "commit", lambda connection: self._add("commits: rows", 1))

    def attach_savers(self) -> None:
        """Once the saver of the database has been imported."""
        for saver in Saver.__subclasses__():
            for name in ("aget_tuple", "aput", "aput_writes"):
                self._time(saver, name, lambda *args, name=name: f"checkpoints: {name}")

    def read(self) -> Mapping[str, float]:
        return self._spent

    def _add(self, part: str, amount: float) -> None:
        self._spent[part] += amount

    @contextmanager
    def _within(self, part: str) -> Iterator[None]:
        layer, began = part.partition(":")[0], self._turn()
        self._active[layer] += 1
        try:
            yield
        finally:
            now = self._turn()
            self._active[layer] -= 1
            self._add(part, (now - began) * 1000)
            self._add(f"times {part}", 1)

    def _turn(self) -> float:
        """What has passed since the last turn was the time of the first active layer."""
        now = time.perf_counter()
        if active := [layer for layer in LAYERS if self._active[layer]]:
            self._add(f"layer {active[0]}", (now - self._since) * 1000)
        self._since = now
        return now

    def _time(self, owner: type, name: str, label: Callable[..., str]) -> None:
        work = getattr(owner, name)

        async def timed(*args: Any, **kwargs: Any) -> Any:
            with self._within(label(*args)):
                return await work(*args, **kwargs)

        setattr(owner, name, timed)

    def _time_plain(self, owner: Any, name: str) -> None:
        work = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return work(*args, **kwargs)
            finally:
                self._add("JSON", (time.perf_counter() - began) * 1000)

        setattr(owner, name, timed)


def _transaction(memory: Memory, work: Callable[..., Any], *args: Any) -> str:
    return "beside" if work.__name__ in _BESIDE else f"rows: {work.__name__.strip('_')}"
