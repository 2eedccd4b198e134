"""What a stream of the router says."""

from __future__ import annotations

from dataclasses import dataclass

from .attempt import Attempt
from .question import Answer


@dataclass(frozen=True)
class Text:
    """Some more of the answer."""

    text: str


@dataclass(frozen=True)
class Restarted:
    """What came so far is void: its model broke off, and another begins anew."""

    attempt: Attempt


@dataclass(frozen=True)
class Done:
    answer: Answer


Event = Text | Restarted | Done
