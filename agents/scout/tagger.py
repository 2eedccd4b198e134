"""Persons, places and organisations of a text, by the process's one model of natasha's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, cast

from tools import tagger

from .page import Span

Kind = Literal["PER", "LOC", "ORG"]


@dataclass(frozen=True)
class Tagged(Span):
    kind: Kind


class Tagger(Protocol):
    """Whatever finds persons, places and organisations."""

    def __call__(self, text: str) -> list[Tagged]: ...


def natasha(text: str) -> list[Tagged]:
    """The tagged spans in order."""
    return [Tagged(start, stop, cast(Kind, kind)) for start, stop, kind in tagger.natasha([text])[0]]
