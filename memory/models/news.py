"""What sources said: feeds, their articles, and the signals and evidence taken from them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field

from .base import Identified, time_column


class SignalType(StrEnum):
    FUNDING = "funding"
    LAUNCH = "launch"
    INTEGRATION = "integration"
    PARTNERSHIP = "partnership"
    HIRING = "hiring"
    ACQUISITION = "acquisition"
    LEADERSHIP = "leadership"
    EXPANSION = "expansion"


# Who reads articles where no model is asked; a model is `provider/model prompt@version`.
RULES = "rules"


def _read_by() -> Any:
    described = 'who read it there: rules, a model and its prompt, or both apart by "; "'
    return Field(default=RULES, description=described, sa_column_kwargs={"server_default": RULES})


class Feed(Identified, table=True):
    """An RSS or Atom source and what conditional requests need to know of the last fetch."""

    __table_args__ = (UniqueConstraint("tenant_id", "url"),)

    url: str = Field(description="http(s)://… or file://…")
    title: str | None = None
    active: bool = True
    etag: str | None = None
    last_modified: str | None = None
    last_fetched_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    last_error: str | None = None
    created_at: datetime = Field(sa_column=time_column())


class Article(Identified, table=True):
    """One item of a feed. The same item twice is one row (canonical URL + content hash)."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "fingerprint"),
        Index(
            "article_unprocessed",
            "tenant_id",
            "id",
            sqlite_where=Column("extracted_at").is_(None),
            postgresql_where=Column("extracted_at").is_(None),
        ),
    )

    feed_id: str = Field(foreign_key="feed.id", index=True)
    fingerprint: str = Field(description="sha256 of the canonical URL and of the text")
    url: str | None = None
    title: str
    text: str = Field(description="visible text only: hidden markup and comments are gone")
    lang: str | None = None
    published_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    fetched_at: datetime = Field(sa_column=time_column())
    extracted_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))


class Evidence(Identified, table=True):
    """A quoted span of a source. Whatever is claimed to a person points here."""

    quote: str
    url: str | None = None
    source_title: str | None = None
    article_id: str | None = Field(default=None, foreign_key="article.id", index=True)
    fetched_at: datetime = Field(sa_column=time_column())


class Mention(Identified, table=True):
    """A company named in an article, by the words that named it."""

    __table_args__ = (UniqueConstraint("article_id", "company_id"),)

    article_id: str = Field(foreign_key="article.id")
    company_id: str = Field(foreign_key="company.id", index=True)
    surface: str
    read_by: str = _read_by()


class Signal(Identified, table=True):
    """Something a source says happened to a company."""

    __table_args__ = (
        CheckConstraint(
            "type IN ('funding', 'launch', 'integration', 'partnership', 'hiring', 'acquisition',"
            " 'leadership', 'expansion')",
            name="signal_type",
        ),
        CheckConstraint("amount_rub IS NULL OR amount_rub >= 0", name="amount"),
    )

    company_id: str = Field(foreign_key="company.id", index=True)
    article_id: str = Field(foreign_key="article.id", index=True)
    evidence_id: str = Field(foreign_key="evidence.id")
    type: str
    object_name: str | None = Field(default=None, description="the other side: a company, product or person")
    object_company_id: str | None = Field(default=None, foreign_key="company.id", index=True)
    amount_rub: int | None = Field(default=None, sa_type=BigInteger)
    happened_on: date | None = None
    read_by: str = _read_by()
    created_at: datetime = Field(sa_column=time_column())
