"""A company's fields, each with the source that gave it: nothing is taken over without a note of whence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select

from .db import TenantSession
from .ids import derived, digest
from .models import Company, CompanyField
from .names import domain_of, name_key, slug
from .rows import insert_missing

# Whose word counts more when two sources differ: the first part of `CompanyField.source`.
STRENGTH = {"feed": 1, "list": 2, "csv": 3, "registry": 4, "person": 5}
FIELDS = frozenset(Company.model_fields) - {
    *("id", "tenant_id", "slug", "name_key", "deleted_at", "created_at", "updated_at")
}
LISTS = frozenset({"sub_industries", "tech_stack", "integrations", "markets", "tags"})


def create(
    session: TenantSession,
    name: str,
    fields: Mapping[str, Any],
    *,
    id: str,
    source: str,
    now: datetime,
    evidence_id: str | None = None,
) -> Company:
    """A company with this id, or the one that has it already, with these fields applied either way."""
    company = session.exec(select(Company).where(Company.id == id)).first()
    if company is None:
        address = _free_slug(session, name, id)
        key = name_key(name)
        company = Company(id=id, name=name, slug=address, name_key=key, created_at=now, updated_at=now)
        session.add(company)
        session.flush()
    fields = {"name": name, **fields}
    apply_fields(session, company, fields, source=source, evidence_id=evidence_id, now=now)
    return company


def derived_id(session: TenantSession, name: str, inn: str | None = None) -> str:
    """The id of a company first met by this name and INN: a repeated step makes the same one."""
    return derived("company", session.info["tenant"], name_key(name), inn or "")


def apply_fields(
    session: TenantSession,
    company: Company,
    fields: Mapping[str, Any],
    *,
    source: str,
    now: datetime,
    evidence_id: str | None = None,
) -> list[str]:
    """Note where each field came from and take it over; the names of those that changed.

    What the source has said before changes nothing. A weaker source never overwrites a stronger one
    (STRENGTH), and only a person renames a company: another spelling is kept as an alias. Lists grow, only a
    person's list replaces. None and empty say nothing.
    """
    given = {name: value for name, value in fields.items() if value not in (None, "", [])}
    if unknown := given.keys() - FIELDS:
        raise ValueError(f"a company has no field {', '.join(sorted(unknown))}")
    if "website" in given and "domain" not in given and (host := domain_of(given["website"])):
        given["domain"] = host
    rows = _notes(session, company.id, given, source=source, evidence_id=evidence_id, now=now)
    news = _news(session, company.id, rows)
    strongest = _strongest(session, company.id)
    changed = [
        name
        for name, value in given.items()
        if name in news and strength(source) >= strongest.get(name, 0) and _set(company, name, value, source)
    ]
    insert_missing(session, CompanyField, rows)
    if changed:
        company.updated_at = now
    session.flush()
    return changed


def provenance(session: TenantSession, company_id: str) -> list[CompanyField]:
    """Who said what of the company, by field and time."""
    query = select(CompanyField).where(CompanyField.company_id == company_id)
    order = (col(CompanyField.field), col(CompanyField.observed_at), col(CompanyField.id))
    return list(session.exec(query.order_by(*order)))


def strength(source: str) -> int:
    return STRENGTH.get(source.partition(":")[0], 0)


def _free_slug(session: TenantSession, name: str, id: str) -> str:
    wanted = slug(name)
    taken = session.exec(select(Company.id).where(Company.slug == wanted)).first()
    return f"{wanted}-{digest(id)[:8]}" if taken else wanted


def _strongest(session: TenantSession, company_id: str) -> dict[str, int]:
    query = select(CompanyField.field, CompanyField.source).where(CompanyField.company_id == company_id)
    found: dict[str, int] = {}
    for field, source in session.exec(query):
        found[field] = max(found.get(field, 0), strength(source))
    return found


def _set(company: Company, name: str, value: Any, source: str) -> bool:
    by_person = source.startswith("person:")
    before = getattr(company, name)
    if name == "name" and not by_person:
        return False
    if name in LISTS and not by_person:
        value = _united(before, value)
    if before == value:
        return False
    setattr(company, name, value)
    if name == "name":
        company.name_key = name_key(value)
    return True


def _united(before: Sequence[str], more: Sequence[str]) -> list[str]:
    """Both lists without two spellings of one name; a new list, for SQLAlchemy sees no change inside one."""
    united: dict[str, str] = {}
    for item in (*before, *more):
        united.setdefault(name_key(item) or item, item)
    return list(united.values())


def _notes(
    session: TenantSession,
    company_id: str,
    fields: Mapping[str, Any],
    *,
    source: str,
    evidence_id: str | None,
    now: datetime,
) -> list[dict[str, Any]]:
    return [
        {
            "id": derived("company-field", company_id, name, source, repr(_plain(value))),
            "company_id": company_id,
            "field": name,
            "value": _plain(value),
            "source": source,
            "evidence_id": evidence_id,
            "observed_at": now,
        }
        for name, value in fields.items()
    ]


def _news(session: TenantSession, company_id: str, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """The fields of which the source has not said this before; a person's word is always news.

    Two files that differ would otherwise overwrite each other at every import.
    """
    noted = set(session.exec(select(CompanyField.id).where(CompanyField.company_id == company_id)))
    return {row["field"] for row in rows if row["id"] not in noted or row["source"].startswith("person:")}


def _plain(value: Any) -> Any:
    """The value as JSON keeps it."""
    return value.isoformat() if isinstance(value, date) else value
