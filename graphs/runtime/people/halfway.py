"""Who has shown who they are, elsewhere, and owes the code of their second factor."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from graphs.runtime.errors import NotSignedIn
from memory.models import User

from .means import Means
from .sealing import OtherSecret

# How long somebody may look for the app.
LASTS_S = 300


@dataclass(frozen=True)
class Halfway:
    """next: where they wanted to go; until: seconds since 1970."""

    tenant: str
    user_id: str
    next: str
    until: float


class Waypost:
    """Nothing is kept here: what it knows of them goes with them, sealed."""

    def __init__(self, means: Means) -> None:
        self._clock = means.clock
        self._seal = means.seal.apart("halfway")

    def leave(self, user: User, next: str) -> str:
        until = self._clock().timestamp() + LASTS_S
        return self._seal.seal(json.dumps(asdict(Halfway(user.tenant_id, user.id, next, until))))

    def back(self, sealed: str) -> Halfway:
        """Errors: NotSignedIn for one that we have not sealed, or long ago."""
        try:
            halfway = Halfway(**json.loads(self._seal.open(sealed)))
        except OtherSecret as error:
            raise NotSignedIn("sign in first, and then send the code") from error
        if halfway.until < self._clock().timestamp():
            raise NotSignedIn("the code came too late: sign in again")
        return halfway
