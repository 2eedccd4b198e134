"""A circuit breaker for one model of one provider (Nygard, "Release It!", 2007)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .outcome import Outcome

# A filtered, invalid or refused answer is an answer: the provider stands.
_BROKEN = frozenset({Outcome.UNAVAILABLE, Outcome.TIMED_OUT})


@dataclass
class Breaker:
    """Opens after `threshold` broken calls in a row, for `first_s` seconds and twice as long each time it
    opens again, up to `longest_s`. Then one call at a time is let through to see: its end closes or opens it.
    """

    monotonic: Callable[[], float]
    threshold: int = 3
    first_s: float = 5.0
    longest_s: float = 120.0
    _broken: int = field(default=0, init=False)
    _opened: int = field(default=0, init=False)
    _until: float = field(default=0.0, init=False)
    _probing: bool = field(default=False, init=False)

    def left_s(self) -> float:
        """Seconds until a call may see whether it is well again; 0 while it is closed."""
        return max(0.0, self._until - self.monotonic()) if self._opened else 0.0

    def admits(self) -> bool:
        """Whether a call may go; in an open circuit that makes it the probe, whose end must be told."""
        if not self._opened:
            return True
        if self._probing or self.left_s() > 0:
            return False
        self._probing = True
        return True

    def ended(self, outcome: Outcome | None) -> None:
        """None: the call was given up from outside, which says nothing of the provider."""
        probed, self._probing = self._probing, False
        if outcome is None:
            return
        if outcome not in _BROKEN:
            self._broken = self._opened = 0
            return
        self._broken += 1
        if probed or self._broken >= self.threshold:
            self._until = self.monotonic() + min(self.first_s * 2**self._opened, self.longest_s)
            self._opened += 1
