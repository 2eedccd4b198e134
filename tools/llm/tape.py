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
from pathlib import Path
from typing import Any

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
        self._played: dict[str, dict[str, Any]] = {}
        self.providers: dict[str, Region] = {}
        """Those that could be asked when it was recorded."""
        # A text within a line may hold other ends of lines, as U+2028.
        for number, line in enumerate(path.read_bytes().split(b"\n") if path.exists() else (), 1):
            if line:
                self._load(number, line)

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
        self._take(entry)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def _load(self, number: int, line: bytes) -> None:
        try:
            self._take(json.loads(line))
        except (ValueError, TypeError, AttributeError) as error:
            raise TapeError(f"{self._path}, line {number}: {error}") from error

    def _take(self, entry: dict[str, Any]) -> None:
        if "key" in entry:
            self._played[entry["key"]] = entry
        self.providers |= {name: Region(told) for name, told in entry.get("providers", {}).items()}
