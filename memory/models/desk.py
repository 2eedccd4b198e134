"""What people leave on a review while they decide it: drafts of their own, claims, comments, views."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from .base import Identified, json_column, time_column


class Workcopy(Identified, table=True):
    """One person's unfinished wording of a review's letter. Kept until the person decides or drops it."""

    __table_args__ = (UniqueConstraint("review_id", "actor"),)

    review_id: str = Field(foreign_key="review.id")
    actor: str
    version: int = Field(description="the draft version that was edited")
    subject: str
    body: str
    updated_at: datetime = Field(sa_column=time_column())


class ReviewClaim(Identified, table=True):
    """Somebody looks at the review now. It warns others until it passes, and hides nothing."""

    __tablename__ = "review_claim"
    __table_args__ = (
        UniqueConstraint("review_id", "actor"),
        Index("review_claim_until", "tenant_id", "until"),
    )

    review_id: str = Field(foreign_key="review.id")
    actor: str
    until: datetime = Field(sa_column=time_column())


class Comment(Identified, table=True):
    """What one person says to the others about a review. Never changed."""

    __table_args__ = (Index("comment_review", "review_id", "id"),)

    review_id: str = Field(foreign_key="review.id")
    actor: str
    body: str
    mentions: list[str] = Field(default_factory=list, sa_column=json_column(), description="names after an @")
    created_at: datetime = Field(sa_column=time_column())


class SavedView(Identified, table=True):
    """A person's named filter of the queue: the query string of its address."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("tenant_id", "actor", "name"),)

    actor: str
    name: str
    query: str
    created_at: datetime = Field(sa_column=time_column())
