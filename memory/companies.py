"""Companies in the database: finding them, taking them in from files, and each field with its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import load_only
from sqlmodel import col, select

from .db import TenantSession
from .imports import ImportReport as ImportReport
from .imports import import_integrations as import_integrations
from .imports import import_rows as import_rows
from .models import Company, CompanyField
from .names import name_key
from .provenance import apply_fields as apply_fields
from .provenance import create as create
from .provenance import derived_id as derived_id
from .provenance import provenance as provenance

SHORT_KEY = 3


@dataclass(frozen=True)
class KnownCompany:
    """What tells a company from others. `aliases`: its other names, as sources spelled them."""

    id: str
    name: str
    name_key: str
    inn: str | None
    domain: str | None
    aliases: tuple[str, ...] = ()


def get(session: TenantSession, company_id: str) -> Company | None:
    return session.exec(select(Company).where(Company.id == company_id, _present())).first()


def by_ids(session: TenantSession, ids: Sequence[str]) -> list[Company]:
    """The companies with these ids, in the order of the ids; deleted ones too, for the record."""
    found = session.exec(select(Company).where(col(Company.id).in_(set(ids)))).all()
    rows = {company.id: company for company in found}
    return [rows[id] for id in dict.fromkeys(ids) if id in rows]


def search(
    session: TenantSession,
    text: str = "",
    *,
    industry: str | None = None,
    limit: int = 20,
    after: tuple[str, str] | None = None,
) -> list[Company]:
    """Companies whose name, domain, INN or description has the text, by (name_key, id).

    after: the (name_key, id) of the last company of the page before.
    """
    query = select(Company).where(_present())
    if text.strip():
        query = query.where(_matches(text.strip()))
    if industry is not None:
        query = query.where(Company.industry == industry)
    if after is not None:
        key, id = after
        same_key = and_(col(Company.name_key) == key, col(Company.id) > id)
        query = query.where(or_(col(Company.name_key) > key, same_key))
    return list(session.exec(query.order_by(col(Company.name_key), col(Company.id)).limit(limit)))


def known(session: TenantSession) -> list[KnownCompany]:
    """Every company by what identifies it, the oldest first: for resolving names."""
    names = select(CompanyField.company_id, CompanyField.value).where(
        col(CompanyField.field).in_(("name", "legal_name"))
    )
    aliases: dict[str, set[str]] = {}
    for company_id, value in session.exec(names):
        aliases.setdefault(company_id, set()).add(value)
    told: list[Any] = [Company.id, Company.name, Company.name_key, Company.inn, Company.domain]
    query = select(Company).where(_present()).options(load_only(*told))
    return [
        KnownCompany(
            id=row.id,
            name=row.name,
            name_key=row.name_key,
            inn=row.inn,
            domain=row.domain,
            aliases=tuple(sorted(aliases.get(row.id, set()) - {row.name})),
        )
        for row in session.exec(query.order_by(col(Company.created_at), col(Company.id)))
    ]


def soft_delete(session: TenantSession, company_id: str, now: datetime) -> bool:
    """Take a company out of every list; False when there is none to take out. Its history stays."""
    company = get(session, company_id)
    if company is None:
        return False
    company.deleted_at = company.updated_at = now
    session.flush()
    return True


def _present() -> ColumnElement[bool]:
    return col(Company.deleted_at).is_(None)


def _matches(text: str) -> ColumnElement[bool]:
    # SQLite folds the case of ASCII only, so a Russian word is tried as written, small and capitalised.
    spellings = {text, text.lower(), text.capitalize()}
    found = [col(Company.description).contains(word, autoescape=True) for word in spellings]
    found += [col(Company.domain).contains(text.lower(), autoescape=True), col(Company.inn) == text]
    if key := name_key(text):
        # A short key («t2», «VK») stands inside half of all names.
        whole = len(key) < SHORT_KEY
        column = col(Company.name_key)
        found.append(column == key if whole else column.contains(key, autoescape=True))
    return or_(*found)
