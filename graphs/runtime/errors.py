"""The runtime's errors. Each says in one line what is wrong and what to do.

ArtelError
├── BadRequest        the question itself is wrong; nothing was changed        (422)
├── NotSignedIn       the name and the password, or what stands for them, are not right   (401)
├── Forbidden         this person may not do it; nothing was changed           (403)
│   ├── OutOfDate     what a page of another session, or of another site, makes a browser send
│   └── Ruled         a rule about this very thing forbids it; said in both languages
├── NotFound          no such run, review, company, feed, schedule or graph    (404)
├── Conflict          somebody or something was first; nothing was changed     (409)
│   ├── AlreadyDecided  carries the decision that won
│   ├── AsksSecond      two people approve this letter: the first does so by itself, not among many
│   └── TooLate         the decision is being carried out: it cannot be undone
├── TooMany           too often in too short a time; says when to come back    (429)
└── StartError        the process cannot start: settings, data folder, database (exit code 1)
"""

from __future__ import annotations

from dataclasses import dataclass


class ArtelError(Exception):
    """The base of all that is said to a caller."""


class BadRequest(ArtelError):
    pass


class NotSignedIn(ArtelError):
    pass


class Forbidden(ArtelError):
    @classmethod
    def of(cls, permission: str) -> Forbidden:
        return cls(f"this needs the permission {permission}: ask an administrator")


class OutOfDate(Forbidden):
    pass


@dataclass
class Ruled(Forbidden):
    """`ru` and `en` say why, to whoever wanted to decide."""

    ru: str
    en: str

    def __str__(self) -> str:
        return self.en


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


class TooLate(Conflict):
    def __init__(self, review_id: str) -> None:
        super().__init__(f"too late to undo: what follows the decision on {review_id!r} has begun")


class AsksSecond(Conflict):
    def __init__(self, review_id: str) -> None:
        super().__init__(
            f"two people approve {review_id!r}, for its risks: read it, and approve it by itself"
        )


@dataclass
class TooMany(ArtelError):
    """`wait_s`: seconds after which it may be tried again."""

    what: str
    wait_s: int

    def __str__(self) -> str:
        return f"too many {self.what}: try again in {self.wait_s} s"


class StartError(ArtelError):
    pass
