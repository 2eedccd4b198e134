"""natasha's news NER behind one lock: persons, places and organisations of a text.

The model loads at the first text (0.5 s, 200 MB) and is shared. Only the tagger is used: natasha's MorphVocab
needs `pkg_resources`, which new setuptools no longer have.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, Literal, Protocol

from .page import Span

_LOCK = Lock()


@dataclass(frozen=True)
class Tagged(Span):
    kind: Literal["PER", "LOC", "ORG"]


class Tagger(Protocol):
    """Whatever finds persons, places and organisations."""

    def __call__(self, text: str) -> list[Tagged]: ...


def natasha(text: str) -> list[Tagged]:
    """The tagged spans in order. The model keeps state between calls, so they go one by one."""
    if not text.strip():
        # The model takes no text of nothing.
        return []
    with _LOCK:
        model, threads = _model()
        # Its matrices are small: more threads than one only wait for each other (10x slower on busy cores).
        with threads.limit(limits=1):
            return [Tagged(span.start, span.stop, span.type) for span in model(text).spans]


@cache
def _model() -> tuple[Any, Any]:
    from natasha import NewsEmbedding, NewsNERTagger
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return NewsNERTagger(NewsEmbedding()), ThreadpoolController()
