"""What providers answered, kept in a file and played again: failures too, so that fallbacks replay.

A line of the file is one call, as JSON: what was asked, and what came of it. A call is found again by all
that may change its answer: provider, model, parameters, messages, tools, schema, and how often the same was
asked before. The first line of each recording says which providers there were.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from .call import Region

_SHOWN = 80


class TapeMiss(Exception):
    """A call that is not on the tape: what it was."""


class TapeError(Exception):
    """A file that is no tape: which line, and why."""


class Tape:
    """The calls of one file, which may be new. `epoch` keeps repetitions of an evaluation apart.

    A call that is kept again takes the place of the older one. Errors: TapeError, OSError.
    """

    def __init__(self, path: Path, *, epoch: int = 1) -> None:
        self._path = path
        self._epoch = epoch
        self._asked: Counter[str] = Counter()
        known = _read(path, *_state(path))
        self._played = dict(known.played)
        self.providers = dict(known.providers)
        """Those that could be asked when it was recorded."""

    def key(self, told: Mapping[str, Any]) -> str:
        """Of this call, which counts it as asked."""
        text = json.dumps({**told, "epoch": self._epoch}, sort_keys=True, ensure_ascii=False)
        self._asked[text] += 1
        return hashlib.sha256(f"{text}#{self._asked[text]}".encode()).hexdigest()[:32]

    def play(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Errors: TapeMiss."""
        if (entry := self._played.get(self.key(told))) is None:
            last = str(told["messages"][-1].get("content", ""))[:_SHOWN] if told["messages"] else ""
            raise TapeMiss(f"{self._path} has no answer of {told['provider']}/{told['model']} to {last!r}")
        return entry

    def keep(self, key: str, told: Mapping[str, Any], outcome: Mapping[str, Any]) -> None:
        """key: as it was when the call began, so that calls at once are told apart by their beginnings."""
        self._write({"key": key, "asked": told, **outcome})

    def opened(self, providers: Mapping[str, Region]) -> None:
        """A recording begins, of these."""
        self._write({"providers": dict(providers)})

    def _write(self, entry: dict[str, Any]) -> None:
        _take(entry, self._played, self.providers)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")


class _Known(NamedTuple):
    """What a file says: calls by their keys, and who could be asked."""

    played: dict[str, dict[str, Any]]
    providers: dict[str, Region]


def _state(path: Path) -> tuple[int, int]:
    """Its size and when it was changed; nothing of a file that is not there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


@lru_cache(maxsize=2)
def _read(path: Path, size: int, changed_ns: int) -> _Known:
    """Once for all who play it: each case of an evaluation opens it anew. Errors: TapeError, OSError."""
    known = _Known({}, {})
    # A text within a line may hold other ends of lines, as U+2028.
    for number, line in enumerate(path.read_bytes().split(b"\n") if size else (), 1):
        if line:
            try:
                _take(json.loads(line), *known)
            except (ValueError, TypeError, AttributeError) as error:
                raise TapeError(f"{path}, line {number}: {error}") from error
    return known


def _take(entry: dict[str, Any], played: dict[str, dict[str, Any]], providers: dict[str, Region]) -> None:
    if "key" in entry:
        played[entry["key"]] = entry
    providers |= {name: Region(told) for name, told in entry.get("providers", {}).items()}
