"""Limits of the amounts that people and roles may approve."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .base import Body, Row

# Of the database's own whole numbers, and of those that JavaScript holds.
Roubles = Annotated[int, Field(ge=0, le=2**53 - 1)]


class LimitOut(Row):
    """subject: `person:<login>` or `role:<role>`."""

    subject: str
    rub: int


class LimitIn(Body):
    rub: Roubles
