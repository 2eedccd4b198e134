"""What the record says of a pair, as facts that a letter may cite and as the variables of its prompt."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict
from urllib.parse import urlsplit

from agents.compatibility.taxonomy import Category, categories, categorise
from agents.context import Lang
from memory.ids import derived
from memory.models import Company, CompanyField, Evidence, Signal, SignalType
from memory.names import name_key

from .addressee import Roles
from .typography import shorten

QUOTE_LENGTH = 240
DESCRIPTION_LENGTH = 120

_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_TOGETHER = (SignalType.INTEGRATION, SignalType.PARTNERSHIP)


class Entry(TypedDict):
    """A fact as a prompt shows it; `source` is a host name."""

    id: str
    kind: str
    about: str
    says: str
    source: str | None
    date: str | None


@dataclass(frozen=True)
class News:
    """A signal with the quoted span that shows it."""

    signal: Signal
    evidence: Evidence

    def about(self, company_ids: Collection[str]) -> bool:
        return self.signal.company_id in company_ids or self.signal.object_company_id in company_ids


@dataclass(frozen=True)
class Record:
    """All that the letter may rest on. news: of these two companies and no other, the freshest first;
    fields: where the values in the companies' rows came from, the oldest first.
    """

    roles: Roles
    news: Sequence[News] = ()
    fields: Sequence[CompanyField] = ()

    @property
    def pair(self) -> tuple[Company, Company]:
        return self.roles.recipient, self.roles.partner

    def shown_by(self, company: Company, name: str) -> list[str]:
        """Ids of the evidence for what the company's row says in field `name` now."""
        now = _items(getattr(company, name))
        told = [
            it
            for it in self.fields
            if (it.company_id, it.field) == (company.id, name) and _items(it.value) <= now
        ]
        quoted = [it.evidence_id for it in told if it.evidence_id]
        return list(dict.fromkeys(quoted)) or [_evidence_id(it) for it in told[-1:]]

    def unquoted(self, ids: Collection[str]) -> list[Evidence]:
        """Evidence rows, for those of `ids` that stand for a field whose source left no quotation:
        the value as the source gave it.
        """
        return [
            Evidence(
                id=_evidence_id(it),
                quote=", ".join(sorted(_items(it.value))),
                source_title=it.source,
                fetched_at=it.observed_at,
            )
            for it in self.fields
            if _evidence_id(it) in ids
        ]


def freshest_first(news: Sequence[News]) -> list[News]:
    def when(it: News) -> tuple[Any, ...]:
        return (it.signal.happened_on or it.signal.created_at.date(), it.signal.created_at, it.signal.id)

    return sorted(news, key=when, reverse=True)


def facts(record: Record) -> dict[str, str]:
    """evidence id -> everything that it shows, in the words of the record."""
    said: dict[str, list[str]] = {}
    for entry in entries(record):
        shown = (entry["about"], entry["says"], entry["source"], entry["date"])
        said.setdefault(entry["id"], []).append(" ".join(filter(None, shown)))
    return {id: "; ".join(texts) for id, texts in said.items()}


def entries(record: Record) -> list[Entry]:
    """The facts one by one, news first, then the companies' cards."""
    news = [_news_entry(it, record) for it in record.news]
    return news + [entry for company in record.pair for entry in _card_entries(company, record)]


def variables(record: Record, lang: Lang) -> dict[str, Any]:
    """What prompts and templates call the pair and its facts; None stands for unknown."""
    return {
        "recipient": _shown(record.roles.recipient, lang),
        "partner": _shown(record.roles.partner, lang),
        "facts": entries(record),
        "signal": _signal(record, lang),
        "link": _link(record),
        "categories": _categories(record, lang),
        "description": _description(record, lang),
        "api": _api(record),
        "stack": _stack(record),
    }


def _news_entry(news: News, record: Record) -> Entry:
    return {
        "id": news.evidence.id,
        "kind": news.signal.type,
        "about": next(it.name for it in record.pair if news.about({it.id})),
        "says": news.evidence.quote,
        "source": _host(news.evidence.url),
        "date": news.signal.happened_on.isoformat() if news.signal.happened_on else None,
    }


def _card_entries(company: Company, record: Record) -> list[Entry]:
    category = _category(company)
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
        {"id": id, "kind": name, "about": company.name, "says": text, "source": None, "date": None}
        for name, text in says.items()
        if text
        for id in _shown_by(company, name, record)
    ]


def _shown_by(company: Company, name: str, record: Record) -> list[str]:
    """What a company is can be told by its description where its category is not written down."""
    ids = record.shown_by(company, name)
    return ids or record.shown_by(company, "description") if name == "industry" else ids


def _shown(company: Company, lang: Lang) -> dict[str, str | None]:
    category = _category(company)
    return {"name": _display(company.name, lang), "category": category.label[lang] if category else None}


def _display(name: str, lang: Lang) -> str:
    """A Russian text quotes a name in Cyrillic, so that it need not be declined; a Latin one stands bare."""
    quoted = lang == "ru" and _CYRILLIC.search(name) and not re.search('[«„"]', name)
    return f"«{name}»" if quoted else name


def _signal(record: Record, lang: Lang) -> dict[str, Any] | None:
    if not record.news:
        return None
    news = record.news[0]
    quote = shorten(news.evidence.quote.strip().rstrip("."), QUOTE_LENGTH)
    return {
        "type": news.signal.type,
        "quote": quote,
        "source": _host(news.evidence.url),
        "foreign": (_CYRILLIC.search(quote) is not None) != (lang == "ru"),
        "evidence": [news.evidence.id],
    }


def _link(record: Record) -> dict[str, Any] | None:
    """What shows that the two are connected already; `new` when the news of the letter is that very link."""
    ids = {company.id for company in record.pair}
    for place, news in enumerate(record.news):
        if news.signal.type in _TOGETHER and {news.signal.company_id, news.signal.object_company_id} == ids:
            return {"evidence": [news.evidence.id], "new": place == 0}
    for company, other in (record.pair, record.pair[::-1]):
        if other.name_key in map(name_key, company.integrations) and record.shown_by(company, "integrations"):
            return {"evidence": record.shown_by(company, "integrations"), "new": False}
    return None


def _categories(record: Record, lang: Lang) -> dict[str, Any] | None:
    """What two different kinds of product add to each other; None while a kind is unknown."""
    recipient, partner = map(_category, record.pair)
    shown = [_shown_by(company, "industry", record) for company in record.pair]
    if not (recipient and partner and all(shown)) or recipient.key == partner.key:
        return None
    return {
        "to_recipient": {"brings": partner.brings[lang], "place": recipient.place[lang]},
        "to_partner": {"brings": recipient.brings[lang], "place": partner.place[lang]},
        "evidence": list(dict.fromkeys(id for ids in shown for id in ids)),
    }


def _description(record: Record, lang: Lang) -> dict[str, Any] | None:
    """The partner in its card's own words, when they are one short phrase in the letter's language."""
    text = (record.roles.partner.description or "").strip().rstrip(".")
    ids = record.shown_by(record.roles.partner, "description")
    fits = 0 < len(text) <= DESCRIPTION_LENGTH and not re.search(r"[.!?]\s|\n|^(?:Мы|Наш\w*|We|Our)\s", text)
    if not (fits and ids and (_CYRILLIC.search(text) is not None) == (lang == "ru")):
        return None
    return {"text": _lower_first(text), "evidence": ids}


def _api(record: Record) -> dict[str, Any] | None:
    partner = record.roles.partner
    ids = record.shown_by(partner, "api_docs_url")
    return {"url": partner.api_docs_url, "evidence": ids} if partner.api_docs_url and ids else None


def _stack(record: Record) -> dict[str, Any] | None:
    """Technologies that both use."""
    recipient, partner = record.pair
    theirs = set(map(name_key, partner.tech_stack))
    shared = [it for it in recipient.tech_stack if name_key(it) in theirs]
    ids = [record.shown_by(company, "tech_stack") for company in record.pair]
    if not (shared and all(ids)):
        return None
    return {"names": ", ".join(shared), "evidence": [id for found in ids for id in found]}


def _category(company: Company) -> Category | None:
    key = categorise(company.industry, company.description)
    return categories()[key] if key else None


def _lower_first(text: str) -> str:
    return text if text[1:2].isupper() or not text[1:2].isalpha() else text[0].lower() + text[1:]


def _evidence_id(field: CompanyField) -> str:
    return derived("evidence", "field", field.id)


def _items(value: Any) -> frozenset[str]:
    return frozenset(map(str, value if isinstance(value, list) else [value]))


def _host(url: str | None) -> str | None:
    host = urlsplit(url or "").hostname
    return host.removeprefix("www.") if host else None
