"""All detectors together, and what they said of the texts that were seen before."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from threading import Lock

from ...tagger import Tagger, natasha
from .addresses import addresses
from .contacts import contacts
from .finding import Finding, Kind, united
from .legible import shown
from .names import names
from .numbers import numbers
from .placeholders import literals


class Detector:
    """Findings of a legible text. Thread-safe.

    What it keeps in memory is where something stands in a text of this hash, never the text or the value.
    """

    def __init__(self, tagger: Tagger = natasha, *, remembered: int = 20_000) -> None:
        self._tagger = tagger
        self._limit = remembered
        self._seen: OrderedDict[bytes, tuple[Finding, ...]] = OrderedDict()
        self._lock = Lock()

    def recall(self, text: str) -> tuple[Finding, ...] | None:
        """What was found in this text before."""
        key = _key(text)
        with self._lock:
            if (found := self._seen.get(key)) is not None:
                self._seen.move_to_end(key)
            return found

    def find(self, text: str) -> tuple[Finding, ...]:
        """In order and apart from each other. Milliseconds a KB of a new text: not for an event loop."""
        if (known := self.recall(text)) is not None:
            return known
        found = self._look(text)
        with self._lock:
            self._seen[_key(text)] = found
            while len(self._seen) > self._limit:
                self._seen.popitem(last=False)
        return found

    def _look(self, text: str) -> tuple[Finding, ...]:
        view = shown(text)
        found = [*contacts(view), *numbers(view), *addresses(view), *names(view, self._tagger)]
        found += [Finding(start, stop, Kind.LITERAL) for start, stop in literals(text)]
        return united(text, found)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
