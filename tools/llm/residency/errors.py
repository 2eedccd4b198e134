"""A call that must not leave."""

from __future__ import annotations

from ..call import CallFailed
from ..outcome import Outcome


class Refused(CallFailed):
    """Nothing was sent. The reason says nothing of what the call contains."""

    def __init__(self, reason: str) -> None:
        super().__init__(Outcome.BAD_REQUEST, f"refused (152-FZ): {reason}")
        self.reason = reason
