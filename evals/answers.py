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


class Tool(BaseModel, frozen=True, extra="forbid"):
    """A function that the model wants called."""

    name: str
    arguments: dict[str, Any]


class Reaction(BaseModel, frozen=True, extra="forbid"):
    """What a vendor's server does with one request. says: the model's words, or the object it answers with,
    or the sentence of an error; status: of an error; fault: what else goes wrong; tokens: read and written,
    as the vendor counts them."""

    says: str | dict[str, Any] = ""
    tool: Tool | None = None
    status: int = 200
    retry_after: str | None = None
    fault: Literal["", "filtered", "truncated", "in_200", "malformed", "cut", "hangs", "breaks_off"] = ""
    tokens: tuple[int, int] = (1000, 500)
