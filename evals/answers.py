"""What a model is recorded as answering: the local servers of the vendors say it while a tape is made.

No model wrote these answers. They are in the data sets because a tape that nobody can read proves nothing.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel


class Said(BaseModel, frozen=True, extra="forbid"):
    """The answer to a prompt that asks for an object of the schema `to` and has all of `marks`.

    In says, "@news" stands for the id of the first fact that is news, "@Name/field" for that of what the card
    of the company says.
    """

    to: Literal["Answer", "Judgement", "RiskNotes", "LetterText"]
    marks: list[str]
    says: dict[str, Any]
