"""A model's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .attempt import Attempt


@dataclass(frozen=True)
class Completion:
    """`value` is an object of the schema that was asked for; tokens are counted by the provider.

    `offline` marks text that a template made, not a model. `note` says what the writer could not do.
    `prompt` is the label of the version that a model answered; None: the prompt as it was given.
    `attempts` are the calls that were made, the one that answered last.
    """

    value: Any
    provider: str
    model: str
    offline: bool
    tokens_in: int = 0
    tokens_out: int = 0
    note: str | None = None
    prompt: str | None = None
    attempts: tuple[Attempt, ...] = ()
