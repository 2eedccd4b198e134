"""What a model is asked for: the companies of an article and what happened to them, in the article's words.

The prompts extract.*.md say what the fields mean. Nothing in an answer is believed: see support.py.
"""

from __future__ import annotations

from pydantic import BaseModel, Field

from memory.models import SignalType


class NamedCompany(BaseModel):
    """name: its usual name; written: each writing of it in the article."""

    name: str = Field(max_length=200)
    written: list[str] = Field(max_length=20)


class ToldEvent(BaseModel):
    """subject: the name of a company; object: of another one, or the words for a person, place or product.

    amount, date: the words for them; what the article does not tell is empty.
    """

    type: SignalType
    subject: str = Field(max_length=200)
    object: str = Field(max_length=200)
    amount: str = Field(max_length=200)
    date: str = Field(max_length=200)
    quote: str = Field(max_length=1500)


class Answer(BaseModel):
    companies: list[NamedCompany] = Field(max_length=60)
    events: list[ToldEvent] = Field(max_length=30)
