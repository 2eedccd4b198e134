"""What can go wrong with a model, whichever it is."""

from __future__ import annotations


class LLMUnavailable(Exception):
    """Nobody could answer: no provider is left, or none has what the prompt needs."""
