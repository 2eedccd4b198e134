"""A company and where each of its fields came from."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field

from .base import Identified, json_column, time_column


class BusinessModel(StrEnum):
    B2B = "B2B"
    B2C = "B2C"
    B2B2C = "B2B2C"


def _digits(column: str, lengths: str) -> CheckConstraint:
    """Unknown, or digits alone in one of these lengths. The check digits are python-stdnum's to verify."""
    only = f"length({column}) IN ({lengths}) AND trim({column}, '0123456789') = ''"
    return CheckConstraint(f"{column} IS NULL OR ({only})", name=f"{column}_digits")


class Company(Identified, table=True):
    """A company or the product it is known by. Unknown stays null or an empty list, never a guess."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "slug"),
        Index(
            "company_inn",
            "tenant_id",
            "inn",
            unique=True,
            sqlite_where=Column("inn").is_not(None) & Column("deleted_at").is_(None),
            postgresql_where=Column("inn").is_not(None) & Column("deleted_at").is_(None),
        ),
        _digits("inn", "10, 12"),
        _digits("ogrn", "13, 15"),
        CheckConstraint("kpp IS NULL OR length(kpp) = 9", name="kpp_length"),
        CheckConstraint(
            "business_model IS NULL OR business_model IN ('B2B', 'B2C', 'B2B2C')", name="business_model"
        ),
        CheckConstraint("staff_count IS NULL OR staff_count >= 0", name="staff_count"),
        CheckConstraint("funding_total_rub IS NULL OR funding_total_rub >= 0", name="funding_total"),
        CheckConstraint("founded_year IS NULL OR founded_year BETWEEN 1800 AND 2200", name="founded_year"),
    )

    name: str
    slug: str = Field(index=True)
    name_key: str = Field(index=True, description="the name normalised for matching: see memory.names")
    legal_name: str | None = None
    inn: str | None = Field(default=None, max_length=12)
    ogrn: str | None = Field(default=None, max_length=15)
    kpp: str | None = Field(default=None, max_length=9)
    address: str | None = None
    website: str | None = None
    domain: str | None = Field(default=None, index=True, description="host of the website, no www")
    contact_email: str | None = None
    description: str | None = None
    industry: str | None = Field(default=None, index=True, description="the category it competes in")
    sub_industries: list[str] = Field(default_factory=list, sa_column=json_column())
    business_model: str | None = None
    founded_year: int | None = None
    country: str | None = None
    city: str | None = None
    staff_count: int | None = None
    staff_range: str | None = Field(default=None, description="such as '51-200' or '1000+'")
    funding_total_rub: int | None = Field(default=None, sa_type=BigInteger)
    funding_stage: str | None = None
    funding_last_date: date | None = None
    tech_stack: list[str] = Field(default_factory=list, sa_column=json_column())
    integrations: list[str] = Field(
        default_factory=list, sa_column=json_column(), description="names of products it integrates with"
    )
    api_available: bool | None = None
    api_docs_url: str | None = None
    markets: list[str] = Field(default_factory=list, sa_column=json_column(), description="markets served")
    summary: str | None = None
    tags: list[str] = Field(default_factory=list, sa_column=json_column())
    verified: bool = Field(default=False, description="found in a registry by INN or OGRN")
    active: bool = True
    deleted_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    created_at: datetime = Field(sa_column=time_column())
    updated_at: datetime = Field(sa_column=time_column())


class CompanyField(Identified, table=True):
    """Provenance: this source gave this field of this company this value at this time."""

    __table_args__ = (Index("companyfield_company", "company_id", "field"),)

    company_id: str = Field(foreign_key="company.id")
    field: str
    value: Any = Field(default=None, sa_column=json_column())
    source: str = Field(description="csv:<file>, feed:<id>, registry:<name>, person:<name>")
    evidence_id: str | None = Field(default=None, foreign_key="evidence.id")
    observed_at: datetime = Field(sa_column=time_column())
