"""How a call to a model ends, in one vocabulary over all vendors."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """filtered: the vendor's censorship said no, which is a decision and no defect of the vendor.
    given_up: we hung up before it could answer, for another was faster or nobody waited any more."""

    OK = "ok"
    TRUNCATED = "truncated"
    FILTERED = "filtered"
    INVALID = "invalid"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    TIMED_OUT = "timed_out"
    GIVEN_UP = "given_up"
    UNAUTHORISED = "unauthorised"
    OUT_OF_MONEY = "out_of_money"
    BAD_REQUEST = "bad_request"


# What another key of the same provider may mend.
OF_THE_KEY = frozenset({Outcome.UNAUTHORISED, Outcome.OUT_OF_MONEY})
ANSWERED = frozenset({Outcome.OK, Outcome.TRUNCATED})
