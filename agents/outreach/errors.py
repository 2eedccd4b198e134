"""What stops the outreach of a pair. Each says in one line what is wrong and what to do."""

from __future__ import annotations


class OutreachError(Exception):
    """The base: the run fails with this line and nothing has left."""


class NothingGrounded(OutreachError):
    """No sentence of the letter could be held against the record."""


class NotApproved(OutreachError):
    """Nobody approved this version of the letter."""


class MalformedDecision(OutreachError):
    """The answer to a review is not one decision in LangChain's batched form."""
