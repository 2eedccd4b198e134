"""Real pairs of the data set with real news, as the record of a letter holds them."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

from agents.evidence.record import News, Record
from agents.outreach.addressee import assign
from memory.models import Company, CompanyField, Evidence, Signal
from memory.names import name_key, slug

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DATA = Path(__file__).parents[2] / "evals" / "datasets"
CARD = ("industry", "description", "integrations")


def vendor(name: str, *, integrations: tuple[str, ...] = ()) -> Company:
    with (DATA / "companies" / "vendors.csv").open(encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if row["name"] == name)
    return Company(
        id=slug(name),
        name=name,
        slug=slug(name),
        name_key=name_key(name),
        industry=row["category"],
        description=row["description"],
        integrations=list(integrations),
        created_at=NOW,
        updated_at=NOW,
    )


def fields(company: Company, *names: str) -> list[CompanyField]:
    """Where the fields of the company (of its card when none are named) came from, with their evidence."""
    return [
        CompanyField(
            id=f"field-{company.id}-{name}",
            company_id=company.id,
            field=name,
            value=getattr(company, name),
            source="csv:vendors.csv",
            evidence_id=f"{company.id}-{name}",
            observed_at=NOW,
        )
        for name in names or CARD
        if getattr(company, name)
    ]


def news(item: str, number: int, subject: str, object: str | None = None) -> News:
    """Event `number` of the labelled news `item`, told of the company `subject`."""
    lines = (DATA / "news" / "news_dev.jsonl").read_text("utf-8").splitlines()
    told = next(it for it in map(json.loads, lines) if it["id"] == item)
    event = told["events"][number]
    evidence = Evidence(id=f"quote-{item}", quote=event["quote"], url=told["url"], fetched_at=NOW)
    signal = Signal(
        id=f"signal-{item}",
        company_id=subject,
        object_company_id=object,
        article_id=item,
        evidence_id=evidence.id,
        type=event["type"],
        created_at=NOW,
    )
    return News(signal, evidence)


def record(a: Company, b: Company, *happened: News) -> Record:
    roles = assign(a, b, [it.signal for it in happened])
    return Record(roles, happened, [*fields(a), *fields(b)])


def diadoc_elma() -> Record:
    """The news is of the link itself."""
    a, b = vendor("Диадок"), vendor("ELMA365", integrations=("Диадок",))
    return record(a, b, news("n075", 0, b.id, a.id))


def mango_amocrm() -> Record:
    """The two are linked already, and a third company makes the news."""
    a, b = vendor("MANGO OFFICE"), vendor("amoCRM", integrations=("MANGO OFFICE",))
    return record(a, b, news("n077", 0, "drupaljedi", b.id))


def hh_database() -> Record:
    """No link is known; the news is of money."""
    a, b = vendor("Клиентская база"), vendor("hh.ru")
    return record(a, b, news("n051", 0, b.id))


def altegio_cloudpayments() -> Record:
    """Without a link and without any news."""
    return record(vendor("Altegio"), vendor("CloudPayments"))


def moysklad_retailcrm() -> Record:
    """Linked, and without any news."""
    return record(vendor("МойСклад"), vendor("RetailCRM", integrations=("МойСклад",)))


PAIRS = {
    "diadoc-elma": diadoc_elma,
    "mango-amocrm": mango_amocrm,
    "hh-database": hh_database,
    "moysklad-retailcrm": moysklad_retailcrm,
    "altegio-cloudpayments": altegio_cloudpayments,
}
