"""Companies: search, all about one, and many from a file."""

from __future__ import annotations

import asyncio
from pathlib import PurePath
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, UploadFile

from api.deps import Actor, Serving
from api.paging import cut, decode
from api.schemas.base import Page
from api.schemas.companies import CompanyLine, CompanyOut, Imported, ImportKind
from graphs.runtime.errors import BadRequest, NotFound
from graphs.runtime.services import Services
from memory import audit, companies, dossier
from memory.csv_import import CsvProblem, read_companies_csv, read_integrations_csv
from memory.db import TenantSession
from memory.dossier import Dossier

_READERS: dict[str, Any] = {"companies": read_companies_csv, "integrations": read_integrations_csv}
_IMPORTS: dict[str, Any] = {
    "companies": companies.import_rows,
    "integrations": companies.import_integrations,
}

router = APIRouter(prefix="/companies", tags=["companies"])


@router.get("", response_model=Page[CompanyLine], summary="Search companies")
async def search(
    services: Serving,
    q: Annotated[str, Query(max_length=200, description="of the name, the domain, INN or description")] = "",
    industry: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> dict[str, Any]:
    after = decode(cursor, tuple[str, str])
    rows = await services.memory.read(companies.search, q, industry=industry, limit=limit + 1, after=after)
    return cut(rows, limit, lambda company: (company.name_key, company.id))


@router.get("/{company_id}", response_model=CompanyOut, summary="All about a company")
async def get_company(company_id: str, services: Serving) -> dict[str, Any]:
    """With the source of each field, the newest signals and the best partnerships."""
    found = await services.memory.read(dossier.of_company, company_id)
    if found is None:
        raise NotFound.of("company", company_id)
    return _shown(found)


@router.delete("/{company_id}", status_code=204, summary="Take a company out of every list")
async def delete_company(company_id: str, services: Serving, actor: Actor) -> None:
    """Its history stays, and what it took part in."""
    await services.memory.write(_delete, company_id, actor, services)


@router.post("/import", response_model=Imported, summary="Import companies or integrations from CSV")
async def import_csv(
    services: Serving,
    file: Annotated[UploadFile, File(description="UTF-8 or windows-1251, up to 10 MB")],
    kind: Annotated[ImportKind, Form()] = "companies",
) -> dict[str, Any]:
    """A file that is not one gets 422; a row that is wrong gets a line and the others are taken in."""
    source = f"csv:{PurePath(file.filename or 'file').name[:100]}"
    try:
        # Ten megabytes take seconds to read, and other requests don't wait for that.
        rows = await asyncio.to_thread(_READERS[kind], await file.read())
    except CsvProblem as problem:
        raise BadRequest(str(problem)) from problem
    report = await services.memory.write(_IMPORTS[kind], rows, source=source, now=services.clock())
    return {
        "rows": len(rows),
        "created": len(report.created),
        "updated": len(report.updated),
        "problems": report.problems,
    }


def _delete(session: TenantSession, company_id: str, actor: str, services: Services) -> None:
    now = services.clock()
    if not companies.soft_delete(session, company_id, now):
        raise NotFound.of("company", company_id)
    audit.record(
        session,
        id=services.new_id(),
        actor=actor,
        action="company.delete",
        subject_type="company",
        subject_id=company_id,
        detail={},
        now=now,
    )


def _shown(known: Dossier) -> dict[str, Any]:
    cited = known.evidence
    fields = [
        {**field.model_dump(), "evidence": cited.get(field.evidence_id or "")} for field in known.fields
    ]
    signals = [{**one.model_dump(), "evidence": cited.get(one.evidence_id)} for one in known.signals]
    others = known.others
    pairs = [
        {**pair.model_dump(), "other": others.get(pair.company_a_id) or others.get(pair.company_b_id)}
        for pair in known.partnerships
    ]
    return {
        **known.company.model_dump(),
        "provenance": fields,
        "signals": signals,
        "partnerships": pairs,
    }
