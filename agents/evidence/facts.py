"""The record as facts that a letter may cite, each with the id of its evidence."""

from __future__ import annotations

from urllib.parse import urlsplit

from typing_extensions import TypedDict

from agents.compatibility.taxonomy import Category, categories, categorise
from memory.models import Company, SignalType

from .orders import called, heard
from .record import News, Record

# What a fact of a kind says by being one, besides its own words.
_BY_KIND = {
    "integrations": "интеграция интегрированы связаны подключены уже integration integrated already",
    "tech_stack": "стек технологии использует stack technologies uses",
    "markets": "рынок страна работает market country works",
    "api_docs_url": "документация API documentation",
    SignalType.FUNDING: "инвестиции привлечены деньги funding investment raised",
    SignalType.LAUNCH: "запуск запущено выпущено новое launch launched released new",
    SignalType.INTEGRATION: "интеграция интегрированы связаны уже integration integrated connected already",
    SignalType.PARTNERSHIP: "партнёрство договорились вместе partnership agreed together",
    SignalType.HIRING: "найм команда растёт расширение hiring team growing",
    SignalType.ACQUISITION: "сделка покупка купили deal acquisition bought acquired",
    SignalType.LEADERSHIP: "руководство назначение смена management appointment appointed change",
    SignalType.EXPANSION: "новое направление рынок выход new direction market expansion",
}


class Entry(TypedDict):
    """A fact as a prompt shows it; `source` is a host name."""

    id: str
    kind: str
    about: str
    says: str
    source: str | None
    date: str | None


def facts(record: Record) -> dict[str, str]:
    """evidence id -> everything that it shows, in the words of the record."""
    said: dict[str, list[str]] = {}
    for entry in entries(record):
        by_kind = _BY_KIND.get(entry["kind"])
        shown = (entry["about"], entry["says"], entry["source"], entry["date"], by_kind)
        said.setdefault(entry["id"], []).append(" ".join(filter(None, shown)))
    return {id: "; ".join(texts) for id, texts in said.items()}


def entries(record: Record) -> list[Entry]:
    """The facts one by one, news first, then the companies' cards; without what talks to a machine."""
    cards = (entry for company in record.pair for entry in _card_entries(company, record))
    told = (_heard(it) for it in (*(_news_entry(it, record) for it in record.news), *cards))
    return [it for it in told if it["says"].strip()]


def _heard(entry: Entry) -> Entry:
    """Where an address is the fact, it stays."""
    return entry if entry["kind"] == "api_docs_url" else {**entry, "says": heard(entry["says"])}


def category_of(company: Company) -> Category | None:
    key = categorise(company.industry, company.description)
    return categories()[key] if key else None


def category_shown_by(company: Company, record: Record) -> list[str]:
    """Where its category is not written down, a company's description tells it."""
    return record.shown_by(company, "industry") or record.shown_by(company, "description")


def host(url: str | None) -> str | None:
    name = urlsplit(url or "").hostname
    return name.removeprefix("www.") if name else None


def _news_entry(news: News, record: Record) -> Entry:
    return {
        "id": news.evidence.id,
        "kind": news.signal.type,
        "about": next(called(it.name) for it in record.pair if news.about({it.id})),
        "says": news.evidence.quote,
        "source": host(news.evidence.url),
        "date": news.signal.happened_on.isoformat() if news.signal.happened_on else None,
    }


def _card_entries(company: Company, record: Record) -> list[Entry]:
    category = category_of(company)
    kind = [*category.label.values(), *category.brings.values()] if category else []
    says = {
        "industry": "; ".join(filter(None, (company.industry, *kind))),
        "description": company.description,
        "integrations": ", ".join(company.integrations),
        "tech_stack": ", ".join(company.tech_stack),
        "markets": ", ".join(company.markets),
        "api_docs_url": company.api_docs_url,
    }
    return [
        {"id": id, "kind": name, "about": called(company.name), "says": text, "source": None, "date": None}
        for name, text in says.items()
        if text
        for id in (
            category_shown_by(company, record) if name == "industry" else record.shown_by(company, name)
        )
    ]
