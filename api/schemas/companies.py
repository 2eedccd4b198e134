"""Companies: what is known of them, and where each field came from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from .base import Row
from .evidence import EvidenceOut
from .partnerships import PartnershipLine

ImportKind = Literal["companies", "integrations"]


class CompanyLine(Row):
    """A company in a list. Unknown is null."""

    id: str
    name: str
    slug: str
    inn: str | None
    domain: str | None
    website: str | None
    industry: str | None
    city: str | None
    description: str | None
    verified: bool


class FieldSource(Row):
    """This source gave this field this value."""

    field: str
    value: Any
    source: str
    evidence: EvidenceOut | None
    observed_at: datetime


class SignalOut(Row):
    """Something a source says happened."""

    id: str
    type: str
    company_id: str
    object_name: str | None
    object_company_id: str | None
    amount_rub: int | None
    happened_on: date | None
    read_by: str
    evidence: EvidenceOut | None
    created_at: datetime


class CompanyPartnership(PartnershipLine):
    other: CompanyLine


class CompanyOut(CompanyLine):
    """A company with the provenance of each field, the newest signals and the best partnerships."""

    legal_name: str | None
    ogrn: str | None
    kpp: str | None
    address: str | None
    contact_email: str | None
    sub_industries: list[str]
    business_model: str | None
    founded_year: int | None
    country: str | None
    staff_count: int | None
    staff_range: str | None
    funding_total_rub: int | None
    funding_stage: str | None
    funding_last_date: date | None
    tech_stack: list[str]
    integrations: list[str]
    api_available: bool | None
    api_docs_url: str | None
    markets: list[str]
    summary: str | None
    tags: list[str]
    active: bool
    created_at: datetime
    updated_at: datetime
    provenance: list[FieldSource]
    signals: list[SignalOut]
    partnerships: list[CompanyPartnership]


class Imported(BaseModel):
    """What became of a file's rows. A row with a problem changed nothing; the others are in."""

    rows: Annotated[int, Field(description="rows in the file that say something")]
    created: Annotated[int, Field(description="companies that are new")]
    updated: Annotated[int, Field(description="companies that the file changed")]
    problems: Annotated[list[str], Field(description="a line for each row that was not taken")]
