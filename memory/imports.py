"""Rows of a file into companies: each merges with the company it means, or makes one, or says why not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast
from sqlmodel import col, select

from .csv_import import CompanyRow, IntegrationRow, Unreadable
from .db import TenantSession
from .ids import derived
from .models import Company, CompanyField, Evidence
from .names import domain_in, domain_of, name_key
from .provenance import apply_fields, create, derived_id
from .rows import insert_missing

_PHRASES = {
    "native": "Готовая интеграция: {a} и {b}",
    "third_party_app": "Интеграция {a} и {b} через стороннее приложение",
    "third_party_guide": "Связка {a} и {b} по инструкции третьей стороны",
    "custom_project": "Проектная интеграция: {a} и {b}",
}


@dataclass(frozen=True)
class ImportReport:
    """Ids of companies made and changed, and a line for each row that changed nothing because it is wrong."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    problems: tuple[str, ...]


class RowProblem(Exception):
    """This row cannot be taken in; the others can."""


def import_rows(
    session: TenantSession, rows: Iterable[CompanyRow | Unreadable], *, source: str, now: datetime
) -> ImportReport:
    """Take the rows in, in order. The same rows again change nothing.

    source: such as `csv:vendors.csv`. Two companies with different INN are never one.
    """
    created: list[str] = []
    updated: list[str] = []
    problems: list[str] = []
    for row in rows:
        if isinstance(row, Unreadable):
            problems.append(row.problem)
            continue
        try:
            company = _meant(session, row)
            id = company.id if company else _free_id(session, row)
        except RowProblem as problem:
            problems.append(_line(row.line, row.name, problem))
            continue
        fields = _fields(row)
        if company is None:
            created.append(create(session, row.name, fields, id=id, source=source, now=now).id)
        elif apply_fields(session, company, fields, source=source, now=now):
            updated.append(id)
    fresh = tuple(dict.fromkeys(created))
    return ImportReport(fresh, tuple(id for id in dict.fromkeys(updated) if id not in fresh), tuple(problems))


def import_integrations(
    session: TenantSession, rows: Iterable[IntegrationRow | Unreadable], *, source: str, now: datetime
) -> ImportReport:
    """Note for both companies of a row that they work together, with the page that shows it as evidence."""
    updated: list[str] = []
    problems: list[str] = []
    for row in rows:
        if isinstance(row, Unreadable):
            problems.append(row.problem)
            continue
        try:
            a, b = _of_name(session, row.a), _of_name(session, row.b)
            updated += _connect(session, row, a, b, source=source, now=now)
        except RowProblem as problem:
            problems.append(_line(row.line, f"{row.a} — {row.b}", problem))
    return ImportReport((), tuple(dict.fromkeys(updated)), tuple(problems))


def _line(line: int, named: str, problem: RowProblem) -> str:
    return " ".join(f"line {line} ({named}): {problem}".split())


def _fields(row: CompanyRow) -> dict[str, Any]:
    fields = row.model_dump(exclude={"line"})
    website = row.website or (f"https://{row.domain}" if row.domain else None)
    # A product may go by its address: hh.ru.
    host = row.domain or domain_of(row.website or "") or domain_in(row.name)
    return {**fields, "website": website, "domain": host}


def _meant(session: TenantSession, row: CompanyRow) -> Company | None:
    """The company that the row describes: by INN, then domain, then name; None when it is a new one."""
    if row.inn and (same := _where(session, col(Company.inn) == row.inn)):
        return same[0]
    host = _fields(row)["domain"]
    by_domain = _compatible(_where(session, col(Company.domain) == host), row) if host else []
    if len(by_domain) == 1:
        return by_domain[0]
    # Several products share a vendor's domain, then the name decides among them and others alike.
    named = _compatible(_named(session, row.name), row)
    if len(named) > 1:
        raise RowProblem("several companies have this name: give the INN or the domain of the one meant")
    return named[0] if named else None


def _free_id(session: TenantSession, row: CompanyRow) -> str:
    """The id for a new company, unless one that was met by this name and INN is not to be touched."""
    id = derived_id(session, row.name, row.inn)
    taken = session.exec(select(Company).where(Company.id == id)).first()
    if taken is None:
        return id
    if taken.deleted_at is not None:
        raise RowProblem("this company was deleted, a file does not bring it back")
    raise RowProblem(f"the company first met by this name and INN has the INN {taken.inn} now")


def _compatible(found: Sequence[Company], row: CompanyRow) -> list[Company]:
    return [one for one in found if one.inn is None or row.inn is None or one.inn == row.inn]


def _of_name(session: TenantSession, name: str) -> Company:
    found = _named(session, name)
    if len(found) == 1:
        return found[0]
    raise RowProblem(f"«{name}» is {'the name of several companies' if found else 'not a known company'}")


def _named(session: TenantSession, name: str) -> list[Company]:
    """Companies of this name or, when there is none, with this other spelling of theirs."""
    key = name_key(name)
    if found := _where(session, col(Company.name_key) == key):
        return found
    same_text = cast(col(CompanyField.value), String) == json.dumps(name)
    spelled = select(CompanyField.company_id).where(CompanyField.field == "name", same_text)
    return _where(session, col(Company.id).in_(spelled))


def _where(session: TenantSession, condition: Any) -> list[Company]:
    query = select(Company).where(condition, col(Company.deleted_at).is_(None))
    return list(session.exec(query.order_by(col(Company.created_at), col(Company.id))))


def _connect(
    session: TenantSession, row: IntegrationRow, a: Company, b: Company, *, source: str, now: datetime
) -> list[str]:
    if a.id == b.id:
        raise RowProblem("both names are of one company")
    quote = _PHRASES.get(row.kind, "Интеграция: {a} и {b}").format(a=a.name, b=b.name)
    evidence = Evidence(
        id=derived("evidence", source, a.id, b.id, row.kind, row.evidence_url or ""),
        tenant_id=session.info["tenant"],
        quote=quote,
        url=row.evidence_url,
        fetched_at=now,
    )
    insert_missing(session, Evidence, [evidence.model_dump()])
    changed = []
    for company, other in ((a, b), (b, a)):
        fields = {"integrations": [other.name]}
        if apply_fields(session, company, fields, source=source, evidence_id=evidence.id, now=now):
            changed.append(company.id)
    return changed
