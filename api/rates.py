"""How many requests a minute somebody may send: a bucket a person or, of nobody, an address."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Message, Send

# Buckets that have filled up again say nothing: they are thrown away when there are so many.
BUCKETS_AT_MOST = 10_000


@dataclass(frozen=True)
class Allowance:
    """What is left. reset_s: seconds until all of it is there again; wait_s: until one more, 0 for now."""

    limit: int
    left: int
    reset_s: int
    wait_s: int

    def headers(self) -> dict[str, str]:
        told = {"Limit": self.limit, "Remaining": self.left, "Reset": self.reset_s}
        return {f"RateLimit-{name}": str(value) for name, value in told.items()}


class Rates:
    """A bucket holds a minute's requests and fills evenly. In this process only."""

    def __init__(self, a_minute: int, monotonic: Callable[[], float]) -> None:
        self._limit = a_minute
        self._monotonic = monotonic
        self._full_at: dict[str, float] = {}

    def take(self, who: str) -> Allowance:
        """Count a request. It is refused when `wait_s` says so, and then it does not count."""
        now, one = self._monotonic(), 60 / self._limit
        # When the bucket will be full: each request moves it on by the time in which one comes back.
        full = max(self._full_at.get(who, now), now) + one
        missing = full - now
        if missing > 60 + one / 2:
            return Allowance(self._limit, 0, math.ceil(missing - one), math.ceil(missing - 60))
        self._keep(who, full, now)
        return Allowance(self._limit, int((60 - missing) / one + 0.5), math.ceil(missing), 0)

    def _keep(self, who: str, full: float, now: float) -> None:
        if len(self._full_at) >= BUCKETS_AT_MOST:
            self._full_at = {name: at for name, at in self._full_at.items() if at > now}
        self._full_at[who] = full


def told(send: Send, allowance: Allowance) -> Send:
    """`send`, with the allowance among the answer's headers."""
    headers = [(name.lower().encode(), value.encode()) for name, value in allowance.headers().items()]

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *headers]}
        await send(message)

    return sent
