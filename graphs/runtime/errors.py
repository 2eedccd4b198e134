"""The runtime's errors. Each says in one line what is wrong and what to do.

ArtelError
├── BadRequest        the question itself is wrong; nothing was changed        (422)
├── NotFound          no such run, review, company, feed, schedule or graph    (404)
├── Conflict          somebody or something was first; nothing was changed     (409)
│   └── AlreadyDecided  carries the decision that won
└── StartError        the process cannot start: settings, data folder, database (exit code 1)
"""

from __future__ import annotations

from dataclasses import dataclass


class ArtelError(Exception):
    """The base of all that is said to a caller."""


class BadRequest(ArtelError):
    pass


class NotFound(ArtelError):
    @classmethod
    def of(cls, kind: str, id: str) -> NotFound:
        return cls(f"there is no {kind} {id!r}")


class Conflict(ArtelError):
    pass


@dataclass
class AlreadyDecided(Conflict):
    """`by` and `decision` are the winner's; the loser's text stays with the loser."""

    review_id: str
    by: str
    decision: str

    def __str__(self) -> str:
        return f"review {self.review_id!r} is already decided: {self.by}, {self.decision}"


class StartError(ArtelError):
    pass
